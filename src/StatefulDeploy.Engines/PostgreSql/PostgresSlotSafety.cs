using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// What our slots keep of a source's write-ahead log must not fill its disk: a full disk stops the server that everybody uses. Told in time, and
/// before it comes to that the slots are given up: the copy can be made again.
/// </summary>
internal sealed class PostgresSlotSafety
{
    /// <summary>The setting of a service that names the bytes that are to stay free where the source's log is.</summary>
    public const string FloorSetting = "walFloorBytes";

    private const long Floor = 1L << 30;
    private const int WarnAt = 4;

    // What a slot keeps anyway, and what to give it up would not help.
    private const long Little = 64L << 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WarnEvery = TimeSpan.FromMinutes(1);

    private long? _looked;
    private long? _warned;

    /// <summary>Looks, tells, and gives the slots of a target up where it must.</summary>
    /// <returns>Why they were given up; null when they were not.</returns>
    public async Task<string?> ProtectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        if (_looked is { } looked && context.Clock.GetElapsedTime(looked) < Every)
        {
            return null;
        }

        _looked = context.Clock.GetTimestamp();
        long floor = context.Service.Settings.TryGetValue(FloorSetting, out string? text) ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : Floor;
        Node writer = context.Source.Writer;
        await using NpgsqlConnection source = await new PostgresAccess(context.Service, context.Secrets).ConnectAsync(writer, PostgresAccount.Control, "status", cancellationToken);
        List<(string Name, long Kept, long? Safe)> slots = await source.ListAsync(
            "SELECT slot_name::text, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, safe_wal_size FROM pg_replication_slots WHERE slot_name LIKE $1",
            row => (row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? (long?)null : row.GetInt64(2)), cancellationToken, PostgresNames.SlotPrefix(context.Target.Colour) + "%");
        long kept = slots.Select(slot => slot.Kept).DefaultIfEmpty(0).Max();
        HostCapacity host = await context.Hosts[writer.Host].MeasureAsync(Path.Combine(await source.SettingAsync("data_directory", cancellationToken), "pg_wal"), cancellationToken);
        if (host.FreeDiskBytes < floor && kept > Little)
        {
            foreach ((string name, _, _) in slots)
            {
                await PostgresSource.DropSlotAsync(source, name, cancellationToken);
            }

            return $"{writer} had {host.FreeDiskBytes:N0} bytes of disk left, and {kept:N0} were kept for {context.Target.Colour}, which follows too slowly: its slots were given up so that {context.Source.Colour} does not stop. Make room or start when there are few writes; the copy is made again";
        }

        Warn(context, host.FreeDiskBytes / WarnAt < floor && kept > Little, $"{writer} has {host.FreeDiskBytes:N0} bytes of disk left, and keeps {kept:N0} for {context.Target.Colour}; below {floor:N0} its slots are given up. Make room, or let {context.Target.Colour} catch up.");
        Warn(context, slots.Any(slot => slot.Safe < slot.Kept / WarnAt), $"max_slot_wal_keep_size of {writer} will take the slot of {context.Target.Colour} away when it falls {slots.Min(slot => slot.Safe):N0} bytes further behind: ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf();");
        return null;
    }

    private void Warn(EngineContext context, bool isDue, string message)
    {
        if (isDue && (_warned is not { } warned || context.Clock.GetElapsedTime(warned) > WarnEvery))
        {
            _warned = context.Clock.GetTimestamp();
            context.Reporter.Report(new ReportEvent(ReportLevel.Warning, message));
        }
    }
}
