using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo;

/// <summary>The size of a demo.</summary>
/// <param name="Clients">Clients that write; a quarter as many read.</param>
/// <param name="Keys">Keys that are there beforehand.</param>
/// <param name="Load">How long the load goes on besides the upgrade: half before the switch, half after it.</param>
/// <param name="Report">Where the report's page goes.</param>
/// <param name="Undo">Whether the switch is taken back at the end.</param>
/// <param name="Keep">Whether folder and processes are left.</param>
/// <param name="Strategy">How green gets blue's data.</param>
internal sealed record DemoOptions(int Clients, int Keys, TimeSpan Load, string Report, bool Undo, bool Keep, UpgradeStrategy Strategy)
{
    private const int ShardsOfSeveral = 3;

    /// <summary>How many shards the service has, each behind a router of its own.</summary>
    public int Shards => Strategy == UpgradeStrategy.ShardByShard ? ShardsOfSeveral : 1;

    public int Readers => Math.Max(1, Clients / 4);

    /// <summary>This, of the clients and keys of one shard.</summary>
    public DemoOptions OfShard => this with { Clients = Math.Max(1, Clients / Shards), Keys = Keys / Shards };
}
