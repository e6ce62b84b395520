using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Copies;

/// <summary>
/// Copies of a node for suites: a base backup, started beside it as a server of its own. It never follows anybody: it starts without workers
/// for logical replication, so that the subscriptions that came along cannot take from the slots of the node that it was made of, and they
/// are dropped before anybody is let in. It archives nothing.
/// </summary>
internal sealed class PostgresCopies : IDisposableCopy
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const long Reserve = 1L << 30;

    /// <inheritdoc/>
    // A closed node lets no client in, not even to read.
    public bool IsNeededToRead => true;

    /// <inheritdoc/>
    public async Task<ClusterLayout> MakeAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        await RemoveAsync(context, of, name, cancellationToken);
        Node node = of.Writer;
        IHost host = context.Hosts[node.Host];
        Node copy = node with
        {
            Name = $"{node.Name}-{name}",
            Endpoint = node.Endpoint with { Port = await host.FindFreePortAsync(node.Endpoint.Host, cancellationToken) },
            DataDirectory = FolderOf(context, of, name),
            Settings = new Dictionary<string, string>(StringComparer.Ordinal),
        };
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection origin = await access.ConnectAsync(node, PostgresAccount.Control, "copy", cancellationToken);
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, of.Version, host, cancellationToken);
        PostgresProgram program = await PostgresProgram.AsOwnerOfAsync(await origin.SettingAsync("data_directory", cancellationToken), host, cancellationToken);
        await EnsureSpaceAsync(origin, copy, host, cancellationToken);
        await new PostgresGreenRecord(context.Service.Name, copy.Name, false, null).SaveAsync(copy, host, cancellationToken);
        await BackUpAsync(origin, copy, software, program, host, access.ForPrograms(node, PostgresAccount.Control, "postgres"), cancellationToken);
        await ConfigureAsync(origin, copy, software, program, host, cancellationToken);
        await new PostgresStart(copy, context).StartAsync(software, program, cancellationToken);
        await FreeAsync(copy, of, context, access, cancellationToken);
        return new ClusterLayout(of.Colour, of.Version, [new Shard(of.Shards[0].Name, [copy])]);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        Node copy = of.Writer with { Name = $"{of.Writer.Name}-{name}", DataDirectory = FolderOf(context, of, name) };
        IHost host = context.Hosts[copy.Host];
        if (await PostgresGreenRecord.FindAsync(copy, context.Service.Name, host, cancellationToken) is { } record)
        {
            await record.DiscardAsync(copy, host, cancellationToken);
            await host.RemoveFolderAsync(TablespacesOf(copy), cancellationToken);
        }
    }

    // Beside green's data, whichever it is a copy of: that is the disk that was given to this upgrade.
    private static string FolderOf(EngineContext context, ClusterLayout of, string name)
    {
        Node green = context.Target.Writer.Colour == ClusterColour.Green ? context.Target.Writer : context.Source.Writer;
        return $"{green.DataDirectory!.TrimEnd('/')}-copy-of-{of.Colour.ToString().ToLowerInvariant()}-{name}";
    }

    private static string TablespacesOf(Node copy) => copy.DataDirectory + ".tablespaces";

    private static async Task EnsureSpaceAsync(NpgsqlConnection origin, Node copy, IHost host, CancellationToken cancellationToken)
    {
        long wanted = (long)await origin.ScalarAsync<decimal>("SELECT coalesce(sum(pg_database_size(oid)), 0) FROM pg_database", cancellationToken) + Reserve;
        long free = (await host.MeasureAsync(copy.DataDirectory!, cancellationToken)).FreeDiskBytes;
        if (free < wanted)
        {
            throw new UpgradeException("NoRoomForCopy", $"A copy needs {Quantity.Text(wanted)} on host '{host.Name}', and {Quantity.Text(free)} are free where green's data is.", "Free some space there, or remove the suite.", FailureCategory.Capacity) { Target = copy.DataDirectory };
        }
    }

    private static async Task BackUpAsync(
        NpgsqlConnection origin, Node copy, PostgresSoftware software, PostgresProgram program, IHost host, (string Connection, IReadOnlyDictionary<string, string?> Environment) reach, CancellationToken cancellationToken)
    {
        string[] owner = program.Owner?.Split(':') is [var user, var group] ? ["-o", user, "-g", group] : [];
        await new PostgresProgram(host, null).RunAsync(new HostCommand("install", ["-d", "-m", "0700", .. owner, copy.DataDirectory!, TablespacesOf(copy)]), cancellationToken);
        List<string> moved = await origin.ListAsync(
            "SELECT oid::text, pg_tablespace_location(oid) FROM pg_tablespace WHERE pg_tablespace_location(oid) <> ''", row => $"--tablespace-mapping={row.GetString(1)}={TablespacesOf(copy)}/{row.GetString(0)}", cancellationToken);
        await program.RunAsync(
            new HostCommand(software["pg_basebackup"], ["-D", copy.DataDirectory!, "-d", reach.Connection, "--wal-method=stream", "--no-slot", "--checkpoint=fast", "--no-sync", "--no-manifest", .. moved]) { Environment = reach.Environment, WorkingFolder = "/" },
            cancellationToken);
    }

    private static async Task ConfigureAsync(NpgsqlConnection origin, Node copy, PostgresSoftware software, PostgresProgram program, IHost host, CancellationToken cancellationToken)
    {
        string described = await program.RunAsync(new HostCommand(software["postgres"], "--describe-config") { WorkingFolder = "/" }, cancellationToken);
        List<string> carried = await PostgresSettings.CarriedAsync(origin, described.Split('\n').Select(line => line.Split('\t')[0]).ToHashSet(StringComparer.Ordinal), cancellationToken);
        IEnumerable<string> own = PostgresSettings.Own(copy, copy.Endpoint.Host).Append(PostgresSettings.Line("max_logical_replication_workers", "0"));
        string rules = await PostgresControl.ReadAsync(await origin.SettingAsync("hba_file", cancellationToken), host, cancellationToken);
        string identities = await host.ReadFileAsync(await origin.SettingAsync("ident_file", cancellationToken), cancellationToken) ?? string.Empty;

        // Closed at first: it opens when nothing in it can follow any more.
        (string Name, string Text)[] files =
        [
            ("postgresql.conf", string.Join('\n', [.. carried, .. own, string.Empty])), ("postgresql.auto.conf", string.Empty), ("pg_hba.conf", PostgresHba.Close(rules)), ("pg_ident.conf", identities),
        ];
        foreach ((string name, string text) in files)
        {
            string path = Path.Combine(copy.DataDirectory!, name);
            await program.RunAsync(new HostCommand("touch", path), cancellationToken);
            await host.WriteFileAsync(path, text, Private, cancellationToken);
        }
    }

    private static async Task FreeAsync(Node copy, ClusterLayout of, EngineContext context, PostgresAccess access, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection server = await access.ConnectAsync(copy, PostgresAccount.Control, "copy", cancellationToken);
        foreach (string database in await server.TextsAsync(PostgresNames.Databases, cancellationToken))
        {
            await using NpgsqlConnection link = await access.ConnectAsync(copy, PostgresAccount.Control, "copy", cancellationToken, database);
            foreach (string subscription in await link.TextsAsync("SELECT quote_ident(s.subname) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()", cancellationToken))
            {
                // Without a slot's name nothing is asked of the source.
                await link.RunAsync($"ALTER SUBSCRIPTION {subscription} DISABLE", cancellationToken);
                await link.RunAsync($"ALTER SUBSCRIPTION {subscription} SET (slot_name = NONE)", cancellationToken);
                await link.RunAsync($"DROP SUBSCRIPTION {subscription}", cancellationToken);
            }

            await PostgresSource.RemoveAsync(link, cancellationToken);
            await using NpgsqlConnection source = await access.ConnectAsync(of.Colour == context.Source.Colour ? copy : context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken, database);
            await PostgresReadiness.MakeReadyAsync(source, link, cancellationToken);
        }

        IHost host = context.Hosts[copy.Host];
        string rules = Path.Combine(copy.DataDirectory!, "pg_hba.conf");
        await host.WriteFileAsync(rules, PostgresHba.Open(await PostgresControl.ReadAsync(rules, host, cancellationToken)), Private, cancellationToken);
        await server.RunAsync("SELECT pg_reload_conf()", cancellationToken);
        for (long start = context.Clock.GetTimestamp(); !await access.IsLetInAsync(copy, cancellationToken); await Task.Delay(TimeSpan.FromMilliseconds(10), context.Clock, cancellationToken))
        {
            if (context.Clock.GetElapsedTime(start) > context.Service.Limits.Answer)
            {
                throw new UpgradeException("RulesNotRead", $"{copy} did not take its pg_hba.conf into use.", $"Read the server's output in {PostgresGreenRecord.LogOf(copy)}.", FailureCategory.OperationFailed) { Target = copy.Name };
            }
        }
    }
}
