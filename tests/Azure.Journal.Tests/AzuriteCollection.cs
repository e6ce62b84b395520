namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>The tests that share an Azurite.</summary>
[CollectionDefinition(nameof(AzuriteCollection))]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>;
