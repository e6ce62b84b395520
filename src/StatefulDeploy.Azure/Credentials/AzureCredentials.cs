using Azure.Core;
using Azure.Identity;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Credentials;

/// <summary>Makes the credential that a service file describes. Secrets stay with Azure.Identity: none is read, kept or told by us.</summary>
internal static class AzureCredentials
{
    /// <summary>The credential.</summary>
    /// <exception cref="UpgradeException">A file that it names cannot be read, or a key is missing.</exception>
    public static TokenCredential Of(AzureDescription azure, AzureEnvironment environment, IReporter reporter) => azure.Credential.Kind switch
    {
        AzureCredentialKind.ManagedIdentity => new ManagedIdentityCredential(
            At(new ManagedIdentityCredentialOptions(azure.Credential.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned), azure, environment)),
        AzureCredentialKind.AzureCli => new AzureCliCredential(At(new AzureCliCredentialOptions { TenantId = azure.Tenant }, azure, environment)),
        AzureCredentialKind.Certificate => new ClientCertificateCredential(
            Required(azure.Tenant, "tenant"),
            Required(azure.Credential.ClientId, "credential.clientId"),
            CertificateOf(Required(azure.Credential.CertificateFile, "credential.certificateFile")),
            At(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = IsCustom(environment) }, azure, environment)),
        AzureCredentialKind.DeviceCode => new DeviceCodeCredential(At(new DeviceCodeCredentialOptions
        {
            TenantId = azure.Tenant,
            ClientId = azure.Credential.ClientId,
            DisableInstanceDiscovery = IsCustom(environment),
            DeviceCodeCallback = (code, _) =>
            {
                reporter.Report(new ReportEvent(ReportLevel.Information, code.Message));
                return Task.CompletedTask;
            },
        }, azure, environment)),
        _ => new DefaultAzureCredential(At(new DefaultAzureCredentialOptions
        {
            TenantId = azure.Tenant,
            ManagedIdentityClientId = azure.Credential.ClientId,
            DisableInstanceDiscovery = IsCustom(environment),
            ExcludeInteractiveBrowserCredential = true,
        }, azure, environment)),
    };

    // Where it is signed in, and whose certificates are taken there.
    private static T At<T>(T options, AzureDescription azure, AzureEnvironment environment)
        where T : TokenCredentialOptions
    {
        options.AuthorityHost = environment.Authority;
        if (TrustedAuthority.SignInTransportFor(azure.CaFile) is { } transport)
            options.Transport = transport;
        return options;
    }

    // The public list of authorities does not know those of a custom cloud.
    private static bool IsCustom(AzureEnvironment environment) => environment.Versions == ApiVersions.Oldest || environment.Name is not ("public" or "usgov" or "china");

    private static string CertificateOf(string file) => File.Exists(file)
        ? file
        : throw new UpgradeException("CertificateNotFound", $"There is no certificate file '{file}'.", "Correct azure.credential.certificateFile.", FailureCategory.NotFound) { Target = file };

    private static string Required(string? value, string key) => value
        ?? throw new UpgradeException("MissingKey", $"azure.{key} is missing: an application signs in with tenant, clientId and certificateFile.", $"Add azure.{key}.", FailureCategory.InvalidInput) { Target = $"azure.{key}" };
}
