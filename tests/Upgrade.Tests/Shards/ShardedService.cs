using System.Text;
using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Model;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Shards;

/// <summary>A service of several shards under load, described by one service file: what an operator upgrades shard by shard.</summary>
internal sealed class ShardedService : ILiveService
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);

    private static readonly LedgerOptions Load = new()
    {
        Writers = 3,
        Readers = 1,
        WritesPerSecond = 60,
        ReadsPerSecond = 60,
        Kinds = LedgerWriteKinds.All,
        Timeout = TimeSpan.FromSeconds(40),
        RetryDelay = TimeSpan.FromMilliseconds(20),
    };

    private ShardedService(TestBed bed)
    {
        Bed = bed;
        Environment.SetEnvironmentVariable(ProductProcess.Mark, bed.Folder);
        bed.Own(new LeftOvers(bed.Folder));
    }

    public TestBed Bed { get; }

    public string File => Path.Combine(Bed.Folder, "service.yaml");

    public string StateFolder => Path.Combine(Bed.Folder, "state");

    public IReadOnlyList<LiveShard> Shards { get; private set; } = [];

    public static async Task<ShardedService> StartAsync(TestBed bed, params string[] names)
    {
        var service = new ShardedService(bed);
        var shards = new List<LiveShard>();
        foreach (var name in names)
        {
            shards.Add(new LiveShard(name, await bed.StartRedisAsync("redis-7.0", "appendonly yes"), FreePort.Take(), FreePort.Take()));
        }

        await System.IO.File.WriteAllTextAsync(service.File, service.Describe(shards));
        service.Shards = await Task.WhenAll(shards.Select(service.ServeAsync));
        return service;
    }

    public ProcessOptions Options(IReadOnlyDictionary<string, string?>? more = null) => new()
    {
        WorkingDirectory = Bed.Folder,
        Environment = new Dictionary<string, string?>(more ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal) { [ProductProcess.Mark] = Bed.Folder },
    };

    /// <summary>Runs a command of the product to its end.</summary>
    public Task<CommandOutcome> OperateAsync(params string[] arguments) => OperatorProcess.RunAsync(this, Patience, arguments);

    /// <summary>The newest upgrade, as its journals tell it.</summary>
    public async Task<UpgradeSummary> StatusAsync()
    {
        await using var operations = new UpgradeOperations(Platform.Create());
        return (await operations.ListUpgradesAsync(new UpgradeRequest { Path = File }, default))[0];
    }

    /// <summary>How far each shard has come.</summary>
    public async Task<IReadOnlyList<(ClusterState State, ClusterColour Live)>> StatesAsync() =>
        [.. (await StatusAsync()).Shards.Select(shard => (shard.State, shard.Live))];

    /// <summary>Waits until the load of every shard goes on.</summary>
    public Task GoesOnAsync() => Task.WhenAll(Shards.Select(shard => shard.Ledger.WaitForWritesAsync(30, Patience)));

    /// <summary>Ends the loads: of no shard was anything lost, doubled, refused, dropped or misread, through its router and on the server that is live.</summary>
    public async Task AssertFlawlessAsync(bool green)
    {
        foreach (var shard in Shards)
        {
            await shard.Ledger.StopAsync();
            var totals = shard.Ledger.Totals();
            var told = $"shard {shard.Name}: {totals}\n{string.Join("; ", totals.Examples)}";
            Assert.True(totals.Acknowledged > 100, told);
            Assert.True(totals.Consistent && totals.FailedWrites + totals.Indeterminate + totals.DroppedConnections + totals.Timeouts + totals.FailedConnects == 0, told);
            foreach (var endpoint in new[] { shard.Router, shard.Server(green) })
            {
                var verdict = await shard.Ledger.VerifyAsync(endpoint);
                Assert.True(verdict.Clean, $"shard {shard.Name}: {verdict}\n{string.Join("; ", verdict.Examples)}");
            }
        }
    }

    private async Task<LiveShard> ServeAsync(LiveShard shard)
    {
        var gateway = Bed.StartDotnet("statefuldeploy", Options(), "gateway", $"{File}#{shard.Name}");
        await gateway.WaitForLineAsync("\"ready\":true", Patience);
        return shard with { Ledger = await Bed.StartLedgerAsync(shard.Router, Load) };
    }

    private string Describe(IReadOnlyList<LiveShard> shards)
    {
        var text = new StringBuilder($"name: t{Guid.NewGuid().ToString("N")[..11]}\nengine: redis\nversion: \"7.0\"\ndataClass: cold\ndataClasses:\n  cold: {{ hotReplicas: 0, coldCopies: 1, retention: 1d }}\nshards:\n");
        foreach (var shard in shards)
        {
            text.AppendLine($"  - name: {shard.Name}");
            text.AppendLine($"    nodes: [{{ name: {shard.Name}-1, endpoint: \"127.0.0.1:{shard.Blue.Port}\" }}]");
            text.AppendLine($"    router: {{ kind: gateway, listen: \"127.0.0.1:{shard.RouterPort}\", admin: ./{shard.Name}.sock }}");
        }

        text.AppendLine($"green:\n  version: \"8.0\"\n  dataRoot: {Bed.NewFolder("green")}\n  shards:");
        foreach (var shard in shards)
        {
            text.AppendLine($"    - {{ name: {shard.Name}, nodes: [{{ name: {shard.Name}-green, endpoint: \"127.0.0.1:{shard.GreenPort}\" }}] }}");
        }

        text.AppendLine($"software:\n  \"7.0\": {{ server: {ServerCatalog.Get("redis-7.0").Program} }}\n  \"8.0\": {{ server: {ServerCatalog.Get("redis-8.0").Program} }}");
        text.AppendLine("limits: { windowDeadline: 4s, holdLimit: 20s, transactionGrace: 500ms, soak: 1s, answer: 5s, catchUpDeadline: 60s }");
        text.AppendLine($"state: {StateFolder}\nguard: {Path.Combine(Bed.Folder, "guard")}");
        return text.ToString();
    }
}
