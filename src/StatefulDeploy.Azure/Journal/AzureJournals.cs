using Azure.Core;
using Azure.Core.Pipeline;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Credentials;
using StatefulDeploy.Azure.Routing;
using StatefulDeploy.Azure.Session;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Journal;

/// <summary>Shared journals in Azure Blob Storage.</summary>
public static class AzureJournals
{
    /// <summary>What an address looks like, for messages.</summary>
    public const string AddressForm = "https://ACCOUNT.blob.core.windows.net/CONTAINER, with or without a prefix of letters, digits, '.', '_', '-' and '/' behind it, and without a query (a SAS is named by 'sasFile' or 'sasEnv')";

    /// <summary>Whether a text is an address of a shared journal.</summary>
    public static bool IsAddress(string text) => BlobAddress.Parse(text) is not null;

    /// <summary>The shared journals at an address. Nothing is asked yet.</summary>
    /// <param name="journal">Where it is, and where its secret is found; without one it is signed in as <c>azure.credential</c> of the service says, or as this process was signed in, else by the environment, a managed identity or the signed-in Azure CLI.</param>
    /// <param name="folder">The state folder on this machine.</param>
    /// <param name="secrets">Reads the secret; null when the service is not known, and there is none.</param>
    /// <param name="azure">How the service is signed in to Azure; null when it is not told.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="UpgradeException">The address is none, or the secret is missing.</exception>
    public static IJournalStore Open(SharedJournalDescription journal, string folder, ISecrets? secrets, AzureDescription? azure, TimeProvider clock)
    {
        var address = BlobAddress.Parse(journal.Address) ?? throw new UpgradeException("JournalAddressInvalid", $"'{journal.Address}' is no address of a shared journal. Expected {AddressForm}.", "Correct the address.", FailureCategory.InvalidInput) { Target = journal.Address };
        return new BlobJournalStore(new BlobContainer(address, AuthorizationFor(journal, address, secrets, azure)), folder, clock);
    }

    // One way to sign in for all that a service has on Azure.
    private static TokenCredential CredentialOf(AzureDescription? azure)
    {
        var described = azure ?? new AzureDescription { Subscription = string.Empty, ResourceGroup = string.Empty };
        var environment = AzureEnvironment.Of(described);
        var session = described.Credential == new AzureCredentialDescription() ? AzureSession.Find(environment, described.Tenant) : null;
        return session ?? AzureCredentials.Of(described, environment, RouterReporter.Instance);
    }

    private static HttpPipelinePolicy AuthorizationFor(SharedJournalDescription journal, BlobAddress address, ISecrets? secrets, AzureDescription? azure)
    {
        if (secrets?.Resolve(journal.AccountKey) is { } key)
            return BlobAuthorization.ByKey(address.Account, key);

        if (secrets?.Resolve(journal.Signature) is { } signature)
            return BlobAuthorization.BySignature(signature);

        return address.IsSecure
            ? BlobAuthorization.ByToken(CredentialOf(azure))
            : throw new UpgradeException("JournalNotEncrypted", $"A token is not sent to '{address}', which is not encrypted.", "Name the emulator's key by 'accountKeyFile' or 'accountKeyEnv' under 'journal' in the service file.", FailureCategory.InvalidInput) { Target = address.ToString() };
    }
}
