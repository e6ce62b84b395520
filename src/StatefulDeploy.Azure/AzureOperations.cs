using Azure.Core;
using Azure.Identity;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Credentials;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Azure.Session;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure;

/// <summary>Signs in to Azure, and tells what is left there.</summary>
/// <param name="read">Reads a service file.</param>
public sealed class AzureOperations(Func<string, ServiceDescription> read) : IAzureOperations
{
    private readonly Func<string, ServiceDescription> _read = read;

    /// <inheritdoc/>
    public async Task<AzureConnection> ConnectAsync(AzureConnectionRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var service = request.Path is { } path ? _read(path) : null;
        var azure = Merge(request, service);
        var environment = AzureEnvironment.Of(azure);
        var credential = AzureCredentials.Of(azure, environment, new CodeReporter(reporter));
        var token = await TokenAsync(credential, environment, cancellationToken);
        if (azure.Subscription.Length > 0)
            await SeeAsync(azure, environment, credential, service is not null, cancellationToken);

        AzureSession.Keep(environment, azure.Tenant, credential);
        var claims = TokenClaims.Of(token.Token);
        return new AzureConnection
        {
            Environment = environment.Name,
            Endpoint = environment.Endpoint.ToString().TrimEnd('/'),
            Kind = azure.Credential.Kind,
            Identity = claims.Identity,
            Tenant = claims.Tenant.Length > 0 ? claims.Tenant : azure.Tenant ?? string.Empty,
            Subscription = azure.Subscription.Length > 0 ? azure.Subscription : null,
            ResourceGroup = service is null ? null : azure.ResourceGroup,
            Path = service?.Path,
            ExpiresAt = token.ExpiresOn,
        };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AzureClusterCapacity>> GetCapacityAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Path ?? throw new UpgradeException("ServiceMissing", "Which service? No service file was named.", "Name the service file.", FailureCategory.InvalidInput);
        var azure = new AzureService(_read(path), reporter);
        var found = await new CapacityReadings(azure).ReadAsync(cancellationToken);
        azure.TellBudget();
        return found;
    }

    // What a person must do to be signed in is told where nobody overlooks it.
    private sealed class CodeReporter(IReporter reporter) : IReporter
    {
        public void Report(ReportEvent reportEvent) => reporter.Report(reportEvent.Level == ReportLevel.Information ? reportEvent with { Level = ReportLevel.Warning } : reportEvent);
    }

    private static AzureDescription Merge(AzureConnectionRequest request, ServiceDescription? service)
    {
        var described = service?.Azure;
        if (request.Subscription is { } subscription)
            ResourceNames.RequireSubscription(subscription);

        // Another cloud is none of the service's addresses.
        var own = request.Environment is null || request.Environment == described?.Environment ? described : null;
        var told = request.Credential is not { Kind: AzureCredentialKind.Default, ClientId: null };
        return new AzureDescription
        {
            Environment = request.Environment ?? own?.Environment ?? "public",
            Endpoint = request.Endpoint ?? own?.Endpoint,
            Authority = request.Authority ?? own?.Authority,
            Audience = request.Audience ?? own?.Audience,
            CaFile = request.CaFile ?? own?.CaFile,
            ComputeApiVersion = own?.ComputeApiVersion,
            Tenant = request.Tenant ?? described?.Tenant,
            Subscription = request.Subscription ?? described?.Subscription ?? string.Empty,
            ResourceGroup = described?.ResourceGroup ?? string.Empty,
            Credential = told ? request.Credential : described?.Credential ?? request.Credential,
        };
    }

    private static async Task<AccessToken> TokenAsync(TokenCredential credential, AzureEnvironment environment, CancellationToken cancellationToken)
    {
        try
        {
            return await credential.GetTokenAsync(new TokenRequestContext([environment.Scope], isCaeEnabled: true), cancellationToken);
        }
        catch (AuthenticationFailedException exception)
        {
            throw ArmClient.SignInFailed(environment, exception);
        }
    }

    // What it cannot see it cannot work on, and is told so now.
    private static async Task SeeAsync(AzureDescription azure, AzureEnvironment environment, TokenCredential credential, bool group, CancellationToken cancellationToken)
    {
        const string Type = "Microsoft.Resources/subscriptions/resourceGroups";
        var client = new ArmClient(environment, credential, new ArmPace(), TimeProvider.System, TrustedAuthority.TransportFor(azure.CaFile));
        var path = $"/subscriptions/{azure.Subscription}/resourceGroups";
        if (group)
            (await client.SendAsync(new ArmRequest(RequestMethod.Get, $"{path}/{azure.ResourceGroup}?api-version={environment.Versions.Of(Type)}", $"GET {Type}", $"{path}/{azure.ResourceGroup}"), cancellationToken)).Require();
        else
            (await client.SendAsync(new ArmRequest(RequestMethod.Get, $"{path}?$top=1&api-version={environment.Versions.Of(Type)}", $"GET {Type} (list)", path), cancellationToken)).Require();
    }
}
