using System.Globalization;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// Commands whose effect Garnet's log does not carry rightly, found by running every writing command on 2.2.2 and 2.2.8 in both directions:
/// GETDEL and DELIFGREATER are not logged (the key stays on replicas, and comes back after a restart), SPOP is logged as it is and takes other
/// members there, and before 2.2.8 RENAME and RENAMENX lose the expiry time. The server's own statistics tell whether
/// one of them was used: since it started, for a copy that is made of its log, and since the copy was begun in any case.
/// </summary>
internal static class GarnetUnreplicated
{
    private const string Declaration = "unreplicatedCommands";
    private static readonly GarnetVersion RenameMended = new(2, 2, 8);

    /// <summary>The commands of a source of this version.</summary>
    public static IReadOnlyList<string> Of(string version) =>
        GarnetVersion.Parse(version).IsOlderThan(RenameMended) ? ["getdel", "spop", "delifgreater", "rename", "renamenx"] : ["getdel", "spop", "delifgreater"];

    /// <summary>Whether the operator vouches in the service's settings (<c>unreplicatedCommands: unused</c>) that none of them is used.</summary>
    public static bool AreDeclaredUnused(ServiceDescription service) => service.Settings.GetValueOrDefault(Declaration) == "unused";

    /// <summary>How often each was called since the server started, in scripts and transactions too; null when it does not count.</summary>
    public static IReadOnlyDictionary<string, long>? Count(string version, GarnetInfo statistics) => GarnetStraySessions.AreCounted(statistics)
        ? Of(version).ToDictionary(command => command, command => Calls(statistics[$"cmdstat_{command}"]), StringComparer.Ordinal)
        : null;

    /// <summary>Whether none was used since the server started, as far as can be known or the operator vouches for it.</summary>
    public static bool AreUnused(ServiceDescription service, string version, GarnetInfo statistics) =>
        Count(version, statistics)?.Values.All(calls => calls == 0) ?? AreDeclaredUnused(service);

    /// <summary>Notes in which process a node of ours is filled.</summary>
    public static async Task NoteProcessAsync(EngineContext context, Node node, CancellationToken cancellationToken)
    {
        if (await GarnetProcess.ReadAsync(node.DataDirectory!, context.Hosts[node.Host], cancellationToken) is { } record)
        {
            await context.Hosts[node.Host].WriteFileAsync(ProcessOf(node), record, UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
        }
    }

    /// <summary>Whether source still runs in the process in which it was filled, so that its counts tell all that clients have done since; or the operator vouches for it.</summary>
    public static async Task<bool> AreCountedSinceFillingAsync(EngineContext context, CancellationToken cancellationToken)
    {
        Node node = GarnetShard.Of(context.Source).Primary;
        IHost host = context.Hosts[node.Host];
        string? noted = await host.ReadFileAsync(ProcessOf(node), cancellationToken);
        bool isSame = noted is not null && noted == await GarnetProcess.ReadAsync(node.DataDirectory!, host, cancellationToken)
            && await host.IsRunningAsync(JsonSerializer.Deserialize<ProcessIdentity>(noted)!, cancellationToken);
        return isSame || AreDeclaredUnused(context.Service);
    }

    /// <summary>Notes for target where the counts stand before its copy is made.</summary>
    public static async Task NoteAsync(EngineContext context, RespConnection source, CancellationToken cancellationToken)
    {
        if (Count(context.Source.Version, await source.InfoAsync("commandstats", cancellationToken)) is { } counts)
        {
            Node node = GarnetShard.Of(context.Target).Primary;
            await context.Hosts[node.Host].WriteFileAsync(FileOf(node), JsonSerializer.Serialize(counts), UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
        }
    }

    /// <summary>The commands that were used since the copy was begun; none when nobody can know and the operator vouches for it.</summary>
    public static async Task<IReadOnlyList<string>> UsedAsync(EngineContext context, GarnetInfo statistics, CancellationToken cancellationToken)
    {
        Node node = GarnetShard.Of(context.Target).Primary;
        if (Count(context.Source.Version, statistics) is not { } now || await context.Hosts[node.Host].ReadFileAsync(FileOf(node), cancellationToken) is not { } text)
        {
            return AreDeclaredUnused(context.Service) ? [] : Of(context.Source.Version);
        }

        Dictionary<string, long> before = JsonSerializer.Deserialize<Dictionary<string, long>>(text)!;
        return [.. now.Where(count => count.Value != before.GetValueOrDefault(count.Key)).Select(count => count.Key)];
    }

    /// <summary>Refuses to go on when one was used since the copy was begun.</summary>
    /// <exception cref="UpgradeException">One was used, or nobody can know.</exception>
    public static async Task DemandUnusedAsync(EngineContext context, GarnetInfo statistics, CancellationToken cancellationToken)
    {
        if (await UsedAsync(context, statistics, cancellationToken) is { Count: > 0 } used)
        {
            throw new UpgradeException(
                "UnreplicatedCommandUsed",
                $"Since the copy was begun, clients may have used {string.Join(", ", used).ToUpperInvariant()}, which Garnet {context.Source.Version} does not carry to replicas rightly: {context.Target.Colour} may differ.",
                "Have clients do without these commands until the switch is done, and start replication anew.",
                FailureCategory.WrongState) { Target = GarnetShard.Of(context.Source).Primary.Name };
        }
    }

    private static string ProcessOf(Node node) => Path.Combine(node.DataDirectory!, "statefuldeploy-filled.json");

    private static string FileOf(Node node) => Path.Combine(node.DataDirectory!, "statefuldeploy-unreplicated.json");

    // calls=8,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=0
    private static long Calls(string statistic) => statistic.StartsWith("calls=", StringComparison.Ordinal)
        ? long.Parse(statistic.AsSpan("calls=".Length, statistic.IndexOf(',', StringComparison.Ordinal) - "calls=".Length), CultureInfo.InvariantCulture)
        : 0;
}
