using Azure.Core.Pipeline;
using StatefulDeploy.Azure.Journal;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Journal;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>A journal store of a test's own, as one machine or another sees it.</summary>
internal sealed class JournalScene(AzuriteFixture azurite, string kind = JournalScene.Blob) : IAsyncDisposable
{
    /// <summary>A store in a folder.</summary>
    public const string Folder = "folder";

    /// <summary>A store in Blob Storage.</summary>
    public const string Blob = "azurite";

    /// <summary>The container of all tests.</summary>
    public const string Container = "journals";

    private readonly string _prefix = $"{Container}/t{Guid.NewGuid():N}";

    public TestBed Bed { get; } = new();

    public AzuriteServer Azurite => azurite.Server;

    /// <summary>The address of the store in Blob Storage.</summary>
    public string Address => AddressAt(Azurite.Port);

    /// <summary>Storage past the store, to do what others do to it.</summary>
    public RawStorage Storage => new(Address);

    /// <summary>Storage as the product asks it.</summary>
    public BlobContainer Blobs => BlobsAt(Address);

    /// <summary>The store on one machine; on each, a store in a folder is the same, and one in Blob Storage has a folder of its own.</summary>
    public IJournalStore On(string machine) => kind == Folder ? new JournalFolder(Path.Combine(Bed.Folder, "state")) : Through(Azurite.Port, machine);

    /// <summary>The store on one machine that reaches storage by way of another port.</summary>
    public BlobJournalStore Through(int port, string machine) => new(BlobsAt(AddressAt(port)), Path.Combine(Bed.Folder, machine), TimeProvider.System);

    public static BlobContainer BlobsAt(string address, HttpPipelinePolicy? authorization = null) =>
        new(BlobAddress.Parse(address)!, authorization ?? BlobAuthorization.ByKey(AzuriteServer.Account, AzuriteServer.Key));

    public static JournalEntry Line(string name, long epoch = 1) => new() { Kind = JournalKind.Fact, Name = name, Epoch = epoch, Text = "é\"\\\n" };

    public static async Task<IEnumerable<string?>> NamesAsync(IJournalStore store, string upgradeId) => (await store.ReadAsync(upgradeId, CancellationToken.None)).Select(entry => entry.Name);

    public static Task<IServiceLease> AcquireAsync(IJournalStore store, string role = "operator") => store.AcquireAsync("orders", "u1", role, CancellationToken.None);

    public ValueTask DisposeAsync() => Bed.DisposeAsync();

    private string AddressAt(int port) => $"{AzuriteServer.AddressAt(port)}/{_prefix}";
}
