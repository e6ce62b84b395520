using StatefulDeploy.Model;

namespace StatefulDeploy.Rehearsal;

/// <summary>
/// The clusters of a rehearsal: names without servers. The rows of the window and the guard's decisions are played between them before the
/// window, since .NET compiles code when it first runs, and in the window that would keep writes closed for tens of milliseconds more.
/// </summary>
internal static class Stage
{
    /// <summary>The cluster of a colour, its node on the given host.</summary>
    public static ClusterLayout Cluster(ClusterColour colour, string host) => new(colour, "0", [new Shard("stage", [NodeOf(colour, host)])]);

    // A name that can never be one: should it be connected to, that fails.
    private static Node NodeOf(ClusterColour colour, string host) =>
        new() { Name = $"stage-{colour}", Endpoint = new NodeEndpoint($"{colour}.invalid", 1), Version = "0", Host = host, Colour = colour };
}
