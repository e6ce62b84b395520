using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Dumps each database of the source with the programs of its own version, and its roles.</summary>
internal sealed class PostgresSnapshotter : ISnapshotter
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public async Task<SnapshotRecord> TakeAsync(EngineContext context, string folder, CancellationToken cancellationToken)
    {
        DateTimeOffset at = context.Clock.GetUtcNow();
        Node node = context.Source.Writer;
        IHost host = context.Hosts[node.Host];
        PostgresAccess access = new(context.Service, context.Secrets);
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, context.Source.Version, host, cancellationToken);
        PostgresProgram program = new(host, null);
        await host.CreateFolderAsync(folder, Private | UnixFileMode.UserExecute, cancellationToken);
        await using NpgsqlConnection admin = await access.ConnectAsync(node, PostgresAccount.Admin, "snapshot", cancellationToken);
        List<string> databases = await admin.TextsAsync(PostgresNames.Databases, cancellationToken);
        List<string> files = [];
        foreach (string database in databases)
        {
            files.Add($"{files.Count + 1}-{Uri.EscapeDataString(database)}.dump");
            (string connection, IReadOnlyDictionary<string, string?> environment) = access.ForPrograms(node, PostgresAccount.Admin, database);
            await program.RunAsync(new HostCommand(software["pg_dump"], "-Fc", "-d", connection, "-f", Path.Combine(folder, files[^1])) { Environment = environment }, cancellationToken);
        }

        files.Add("roles.sql");
        (string all, IReadOnlyDictionary<string, string?> secret) = access.ForPrograms(node, PostgresAccount.Admin, "postgres");
        await program.RunAsync(new HostCommand(software["pg_dumpall"], "--globals-only", "-d", all, "-f", Path.Combine(folder, "roles.sql")) { Environment = secret }, cancellationToken);
        Dictionary<string, string> sums = new(StringComparer.Ordinal);
        long bytes = 0;
        foreach (string name in files)
        {
            string path = Path.Combine(folder, name);
            sums[name] = (await program.RunAsync(new HostCommand("sha256sum", path), cancellationToken)).Split(' ')[0];
            bytes += long.Parse((await program.RunAsync(new HostCommand("stat", "-c", "%s", path), cancellationToken)).Trim(), System.Globalization.CultureInfo.InvariantCulture);
            await host.WriteFileAsync(path + ".sha256", $"{sums[name]}  {name}\n", Private, cancellationToken);
        }

        await program.RunAsync(new HostCommand("sync", "-f", folder), cancellationToken);
        return new SnapshotRecord($"{context.UpgradeId}-{at:yyyyMMddTHHmmssZ}", folder, bytes, at, sums);
    }
}
