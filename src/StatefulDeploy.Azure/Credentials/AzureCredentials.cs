using Azure.Core;
using Azure.Identity;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Credentials;

/// <summary>Makes the credential that a service file describes. Secrets stay with Azure.Identity: none is read, kept or told by us.</summary>
internal static class AzureCredentials
{
    public static TokenCredential Of(AzureDescription azure, AzureEnvironment environment, IReporter reporter) => azure.Credential.Kind switch
    {
        AzureCredentialKind.ManagedIdentity => new ManagedIdentityCredential(
            new ManagedIdentityCredentialOptions(azure.Credential.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned) { AuthorityHost = environment.Authority }),
        AzureCredentialKind.AzureCli => new AzureCliCredential(new AzureCliCredentialOptions { TenantId = azure.Tenant, AuthorityHost = environment.Authority }),
        AzureCredentialKind.Certificate => new ClientCertificateCredential(
            Required(azure.Tenant, "tenant"),
            Required(azure.Credential.ClientId, "credential.clientId"),
            CertificateOf(Required(azure.Credential.CertificateFile, "credential.certificateFile")),
            new ClientCertificateCredentialOptions { AuthorityHost = environment.Authority, DisableInstanceDiscovery = IsCustom(environment) }),
        AzureCredentialKind.DeviceCode => new DeviceCodeCredential(new DeviceCodeCredentialOptions
        {
            TenantId = azure.Tenant,
            ClientId = azure.Credential.ClientId,
            AuthorityHost = environment.Authority,
            DisableInstanceDiscovery = IsCustom(environment),
            DeviceCodeCallback = (code, _) =>
            {
                reporter.Report(new ReportEvent(ReportLevel.Information, code.Message));
                return Task.CompletedTask;
            },
        }),
        _ => new DefaultAzureCredential(new DefaultAzureCredentialOptions
        {
            TenantId = azure.Tenant,
            ManagedIdentityClientId = azure.Credential.ClientId,
            AuthorityHost = environment.Authority,
            DisableInstanceDiscovery = IsCustom(environment),
            ExcludeInteractiveBrowserCredential = true,
        }),
    };

    // The public list of authorities does not know those of a custom cloud.
    private static bool IsCustom(AzureEnvironment environment) => environment.Versions == ApiVersions.Oldest || environment.Name is not ("public" or "usgov" or "china");

    private static string CertificateOf(string file) => File.Exists(file)
        ? file
        : throw new UpgradeException("CertificateNotFound", $"There is no certificate file '{file}'.", "Correct azure.credential.certificateFile.", FailureCategory.NotFound) { Target = file };

    private static string Required(string? value, string key) => value
        ?? throw new UpgradeException("MissingKey", $"azure.{key} is missing: an application signs in with tenant, clientId and certificateFile.", $"Add azure.{key}.", FailureCategory.InvalidInput) { Target = $"azure.{key}" };
}
