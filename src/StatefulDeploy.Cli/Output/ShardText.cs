using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Output;

/// <summary>The shards of a service for people: a line each.</summary>
internal static class ShardText
{
    public static void Write(TextWriter output, IReadOnlyList<ShardStatus> shards)
    {
        foreach (var shard in shards)
        {
            var closed = shard.ClosedFor is { } time ? $", writes were closed for {Quantity.Text(time)}" : string.Empty;
            var step = shard.Step.Length > 0 ? $"{shard.Status} at {shard.Step}, " : "not begun, ";
            output.WriteLine($"  shard {shard.Shard,-8} {step}{shard.State}; {shard.Live} ({shard.Version}) takes its writes{closed}");
        }
    }
}
