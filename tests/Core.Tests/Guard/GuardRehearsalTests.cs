using StatefulDeploy.Guard;
using StatefulDeploy.Guard.Host;
using StatefulDeploy.Model;
using StatefulDeploy.Rehearsal;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>The rehearsal of a guard's decisions: one that fails would only make the first window slower, and nobody would see it.</summary>
public sealed class GuardRehearsalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sd-guard-rehearsal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task All_decisions_of_a_window_are_played_to_the_end_and_leave_nothing_behind()
    {
        var said = new StringWriter();
        var service = new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(_folder, "orders.yaml"),
            Engine = "stage",
            Blue = Rehearsal.Stage.Cluster(ClusterColour.Blue, "local"),
            Router = new RouterDescription("stage", new NodeEndpoint("127.0.0.1", 1), string.Empty, new Dictionary<string, string>()),
            StateDirectory = _folder,
            GuardDirectory = _folder,
        };
        var platform = new StagePlatform(new WirePlatform(), service);

        await new GuardRehearsal(platform, service, new GuardClock(), new GuardLog(said)).PlayAsync();

        Assert.Equal(string.Empty, said.ToString());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }
}
