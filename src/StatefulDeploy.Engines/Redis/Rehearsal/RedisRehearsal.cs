using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis.Rehearsal;

/// <summary>
/// The acts of the window between two stand-ins, before the window. .NET compiles code when it first runs: without this that would keep
/// writes closed for tens of milliseconds more. What servers answer is proved elsewhere.
/// </summary>
internal static class RedisRehearsal
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Rounds = 2;

    /// <summary>Plays what the orchestrator does.</summary>
    public static async Task PlayAsync(EngineContext context, CancellationToken cancellationToken)
    {
        using RedisStandIn first = new();
        using RedisStandIn second = new();
        EngineContext stage = context with
        {
            Service = WithoutTls(context.Service),
            Source = Cluster(ClusterColour.Blue, first),
            Target = Cluster(ClusterColour.Green, second),
        };
        RedisSwitchover switchover = new(new RedisReverse(context.Service.Engine));
        for (int round = 0; round < Rounds; round++)
        {
            await switchover.PrepareAsync(stage, cancellationToken);
            await switchover.EndOpenWritesAsync(stage, cancellationToken);
            ClusterPosition position = await switchover.ReadPositionAsync(stage, cancellationToken);
            await switchover.DrainAsync(stage, position, cancellationToken);
            await switchover.FinalizeAsync(stage, cancellationToken);
            await switchover.PromoteAsync(stage, cancellationToken);
            await switchover.AnswersAsync(stage, cancellationToken);
        }

        await switchover.CloseLinksAsync();
    }

    /// <summary>Plays what the guard does.</summary>
    public static async Task PlayAsync(GateContext context, CancellationToken cancellationToken)
    {
        using RedisStandIn standIn = new();
        string folder = Path.Combine(context.Service.GuardDirectory, "rehearsal");
        string file = Path.Combine(folder, "node.conf");
        GateContext stage = context with { Service = WithoutTls(context.Service) };
        Node node = Node(ClusterColour.Green, standIn) with { ConfigFile = file };
        await using RedisGate gate = new();
        await context.Host.CreateFolderAsync(folder, Private | UnixFileMode.UserExecute, cancellationToken);
        try
        {
            await context.Host.WriteFileAsync(file, "port 0\n", Private, cancellationToken);
            for (int round = 0; round < Rounds; round++)
            {
                await gate.PrepareAsync(node, stage, cancellationToken);
                await gate.CloseAsync(node, stage, cancellationToken);
                await gate.ProbeAsync(node, stage, cancellationToken);
                await gate.OpenAsync(node, stage, cancellationToken);
                await gate.ProbeAsync(node, stage, cancellationToken);
            }
        }
        finally
        {
            await context.Host.RemoveFolderAsync(folder, CancellationToken.None);
        }
    }

    private static ServiceDescription WithoutTls(ServiceDescription service) => service with { TlsCaFile = null };

    private static ClusterLayout Cluster(ClusterColour colour, RedisStandIn standIn) => new(colour, "0", [new Shard("rehearsal", [Node(colour, standIn)])]);

    private static Node Node(ClusterColour colour, RedisStandIn standIn) => new() { Name = "rehearsal", Endpoint = standIn.Endpoint, Version = "0", Colour = colour };
}
