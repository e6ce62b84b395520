using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>One Azurite for all tests, each of which has a prefix of its own in it.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private readonly TestBed _bed = new();
    private AzuriteServer? _server;

    internal AzuriteServer Server => _server ?? throw new InvalidOperationException("Azurite is not here.");

    public async Task InitializeAsync()
    {
        if (ServerCatalog.WhyMissing(["azurite"]) is null)
        {
            _server = await _bed.StartAzuriteAsync();
            await _server.MakeContainerAsync(JournalScene.Container);
        }
    }

    public async Task DisposeAsync() => await _bed.DisposeAsync();
}
