using Azure.Core.Pipeline;
using Azure.Identity;
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
    /// <param name="journal">Where it is, and where its secret is found; without one the credential is that of the environment, a managed identity or the signed-in Azure CLI.</param>
    /// <param name="folder">The state folder on this machine.</param>
    /// <param name="secrets">Reads the secret; null when the service is not known, and there is none.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="UpgradeException">The address is none, or the secret is missing.</exception>
    public static IJournalStore Open(SharedJournalDescription journal, string folder, ISecrets? secrets, TimeProvider clock)
    {
        var address = BlobAddress.Parse(journal.Address) ?? throw new UpgradeException("JournalAddressInvalid", $"'{journal.Address}' is no address of a shared journal. Expected {AddressForm}.", "Correct the address.", FailureCategory.InvalidInput) { Target = journal.Address };
        return new BlobJournalStore(new BlobContainer(address, AuthorizationFor(journal, address, secrets)), folder, clock);
    }

    private static HttpPipelinePolicy AuthorizationFor(SharedJournalDescription journal, BlobAddress address, ISecrets? secrets)
    {
        if (secrets?.Resolve(journal.AccountKey) is { } key)
            return BlobAuthorization.ByKey(address.Account, key);

        if (secrets?.Resolve(journal.Signature) is { } signature)
            return BlobAuthorization.BySignature(signature);

        return address.IsSecure
            ? BlobAuthorization.ByToken(new DefaultAzureCredential(new DefaultAzureCredentialOptions { ExcludeInteractiveBrowserCredential = true }))
            : throw new UpgradeException("JournalNotEncrypted", $"A token is not sent to '{address}', which is not encrypted.", "Name the emulator's key by 'accountKeyFile' or 'accountKeyEnv' under 'journal' in the service file.", FailureCategory.InvalidInput) { Target = address.ToString() };
    }
}
