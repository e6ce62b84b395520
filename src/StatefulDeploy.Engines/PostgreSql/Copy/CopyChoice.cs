using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Physical;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>The way in which green is filled, and why.</summary>
/// <param name="Way">The way.</param>
/// <param name="Reason">Why this one, as the end of a sentence.</param>
/// <param name="Obstacles">What stands against a physical copy; empty when nothing does, or nobody asked.</param>
internal sealed record CopyChoice(CopyWay Way, string Reason, IReadOnlyList<string> Obstacles)
{
    /// <summary>From so many bytes on a base backup is chosen where it is possible: rows and indexes need not be written again.</summary>
    public const long Large = 50L << 30;

    /// <summary>Whether the service file asks for what cannot be.</summary>
    public bool IsRefused => Way == CopyWay.Physical && Obstacles.Count > 0;

    /// <summary>Chooses for a cluster.</summary>
    /// <param name="context">The direction.</param>
    /// <param name="bytes">The bytes of data.</param>
    /// <param name="cancellationToken">Stops the looking.</param>
    public static async Task<CopyChoice> MakeAsync(EngineContext context, long bytes, CancellationToken cancellationToken)
    {
        CopySettings settings = CopySettings.Of(context.Service);
        bool isAsked = settings.Way == CopyWay.Physical || (settings.Way is null && bytes >= Large);
        return Of(settings.Way, bytes, isAsked ? await PhysicalObstacles.FindAsync(context, cancellationToken) : []);
    }

    /// <summary>Chooses.</summary>
    public static CopyChoice Of(CopyWay? wanted, long bytes, IReadOnlyList<string> obstacles) => wanted switch
    {
        { } way => new CopyChoice(way, $"as {CopySettings.WaySetting} says", obstacles),
        null when bytes < Large => new CopyChoice(CopyWay.Logical, $"since there is less than {Quantity.Text((double)Large)} of it", []),
        null when obstacles.Count > 0 => new CopyChoice(CopyWay.Logical, $"since a base backup cannot be used: {string.Join("; ", obstacles)}", obstacles),
        null => new CopyChoice(CopyWay.Physical, $"since there is more than {Quantity.Text((double)Large)} of it, and nothing stands against it", []),
    };

    /// <summary>The way and its bounds as a sentence for the plan.</summary>
    public string Explain(CopySettings settings, long bytes)
    {
        string data = Quantity.Text((double)bytes);
        string throttle = settings.BytesPerSecond is { } most ? $"at most {Quantity.Text((double)most)} a second" : "as fast as both servers go";
        return Way switch
        {
            CopyWay.Subscription => $"Green is filled by the copy of its own subscriptions, {Reason}: {data}, a table at a time a worker, into tables that have their indexes already, without a throttle.",
            CopyWay.Physical => $"Green is filled by a base backup of {data}, {Reason}: {throttle}; recovered to a point behind the beginning of the slots, upgraded by pg_upgrade --link on green's host with {settings.Jobs} jobs, and then it follows from that point on. "
                + $"Blue keeps its log from before the backup on. settings: {{ {CopySettings.ThrottleSetting} }} bounds it; {CopySettings.WaySetting}: logical copies rows instead.",
            _ => $"Green is filled by our own copy of {data}, {Reason}: {settings.Jobs} sessions at once, tables beyond {Quantity.Text((double)settings.PartBytes)} in parts, all of a database from one snapshot, {throttle}; "
                + $"indexes and constraints are made after the rows, and then it follows from that snapshot on. settings: {{ {CopySettings.JobsSetting}, {CopySettings.ThrottleSetting} }} bound it; {CopySettings.WaySetting}: physical begins with a base backup, subscription lets the server copy by itself.",
        };
    }
}
