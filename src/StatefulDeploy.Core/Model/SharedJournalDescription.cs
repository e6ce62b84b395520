namespace StatefulDeploy.Model;

/// <summary>A journal that machines share. Holds no secret, only where one is found: at most one of the two is set.</summary>
/// <param name="Address">The container in Azure Blob Storage, and a prefix in it.</param>
/// <param name="AccountKey">Where the storage account's key is found; null when there is none.</param>
/// <param name="Signature">Where a shared access signature is found; null when there is none.</param>
public sealed record SharedJournalDescription(string Address, CredentialDescription? AccountKey, CredentialDescription? Signature);
