using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Planning;

/// <summary>
/// Whether the clocks of the hosts agree. Nothing of an upgrade is decided by comparing two of them; but keys that expire do so by the clock of
/// the server that serves them, and what is read in logs is read by it.
/// </summary>
internal static class ClockInspection
{
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(2);

    /// <summary>A warning for each host whose clock is further from that of this machine than it took to ask, and more than two seconds.</summary>
    internal static async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        var names = context.Source.Nodes.Concat(context.Target.Nodes).Select(node => node.Host).Where(name => name != HostInspection.Here).Distinct(StringComparer.Ordinal).Where(name => context.Hosts[name].Exists);
        return [.. (await Task.WhenAll(names.Select(name => InspectAsync(name, context, cancellationToken)))).OfType<Finding>()];
    }

    private static async Task<Finding?> InspectAsync(string name, EngineContext context, CancellationToken cancellationToken)
    {
        var before = context.Clock.GetUtcNow();
        var answer = await context.Hosts[name].RunAsync(new HostCommand("date", ["+%s"]), cancellationToken);
        var after = context.Clock.GetUtcNow();
        if (answer.ExitCode != 0 || !long.TryParse(answer.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return null;

        var there = DateTimeOffset.FromUnixTimeSeconds(seconds);
        var ahead = there > after ? there - after : there < before ? there - before : TimeSpan.Zero;
        return ahead.Duration() <= Tolerated
            ? null
            : Finding.Warn("ClocksDiffer", $"host {name}", $"The clock of host '{name}' is {Quantity.Text(ahead.Duration())} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} that of the machine that the upgrade is run on.", "Set it by NTP before the switch: keys with a time to live expire by the clock of the server that serves them.");
    }
}
