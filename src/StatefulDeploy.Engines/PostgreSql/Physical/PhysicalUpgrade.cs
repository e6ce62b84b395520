using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>
/// Makes the newer version's data directory of the recovered backup, by <c>pg_upgrade --link</c>: no row is written again. One that was killed is
/// begun anew: until the new server takes writes the old files are what they were, but for the name of the control file ("pg_upgrade", "Reverting to
/// old cluster" in PostgreSQL's documentation).
/// </summary>
internal sealed class PhysicalUpgrade(EngineContext context, PhysicalPlace place, CopySettings settings)
{
    private const string Name = "pg_upgrade";

    private readonly PostgresAccess _access = new(context.Service, context.Secrets);

    /// <summary>Runs it, or waits for the one under way.</summary>
    public async Task<PhysicalRecord> RunAsync(PhysicalRecord record, CancellationToken cancellationToken)
    {
        if (record.Process is not { } process || (!await place.Host.IsRunningAsync(process, cancellationToken) && await place.ExitCodeAsync(cancellationToken) is null))
        {
            await place.EndAllAsync(cancellationToken);
            string first = await PrepareAsync(cancellationToken);
            process = await place.StartAsync(Name, Command(record, first), keepExitCode: true, cancellationToken);
            record = await (record with { Process = process, Attempt = record.Attempt + 1 }).SaveAsync(context, cancellationToken);
        }

        try
        {
            await place.WaitAsync(Name, process, () => Task.CompletedTask, "UpgradeOfCopyFailed", cancellationToken);
        }
        catch (UpgradeException)
        {
            await (record with { Process = null }).SaveAsync(context, cancellationToken);
            throw;
        }

        return record with { Stage = PhysicalStage.Swap, Process = null };
    }

    private HostCommand Command(PhysicalRecord record, string first) => new(place.New["pg_upgrade"],
    [
        "-b", place.Old.Folder, "-B", place.New.Folder, "-d", place.Base, "-D", place.Made, "-U", first, "-s", record.Sockets!, "--link", "--jobs", settings.Jobs.ToString(CultureInfo.InvariantCulture),
    ]);

    // Gives the name of the first role, which must be the same on both sides.
    private async Task<string> PrepareAsync(CancellationToken cancellationToken)
    {
        string control = Path.Combine(place.Base, "global/pg_control");
        if (await place.ExistsAsync(control + ".old", cancellationToken))
        {
            await place.RunAsync(new HostCommand("mv", control + ".old", control), cancellationToken);
        }

        await place.RunAsRootAsync(new HostCommand("rm", "-rf", "--", place.Made), cancellationToken);
        await using NpgsqlConnection source = await _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken);
        string first = await source.ScalarAsync<string>("SELECT rolname::text FROM pg_roles WHERE oid = 10", cancellationToken) ?? "postgres";
        (string encoding, string collate, string ctype, long segment) = (await source.ListAsync(
            "SELECT pg_encoding_to_char(encoding)::text, datcollate::text, datctype::text, (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size') FROM pg_database WHERE datname = 'template0'",
            row => (row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3)), cancellationToken))[0];
        string[] checksums = await source.SettingAsync("data_checksums", cancellationToken) == "on" ? ["--data-checksums"] : place.New.Major >= 18 ? ["--no-data-checksums"] : [];
        await place.RunAsync(
            new HostCommand(place.New["initdb"], ["-D", place.Made, "-U", first, "--encoding", encoding, "--lc-collate", collate, "--lc-ctype", ctype, "--wal-segsize", (segment >> 20).ToString(CultureInfo.InvariantCulture), "--auth", "trust", "--no-instructions", "--no-sync", .. checksums]),
            cancellationToken);
        await place.WriteAsync(Path.Combine(place.Made, "pg_hba.conf"), "local all all trust\n", cancellationToken);
        await place.WriteAsync(Path.Combine(place.Base, "pg_hba.conf"), "local all all trust\n", cancellationToken);
        return first;
    }
}
