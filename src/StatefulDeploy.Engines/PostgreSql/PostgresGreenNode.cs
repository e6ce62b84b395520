using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Physical;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>One green node on its way up: initdb, blue's settings, our role, closed rules, the server, blue's roles.</summary>
internal sealed class PostgresGreenNode(Node node, Node blue, EngineContext context)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Passable = Private | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly IHost _host = context.Hosts[node.Host];
    private readonly PostgresAccess _access = new(context.Service, context.Secrets);
    private readonly string _folder = node.DataDirectory ?? throw new UpgradeException("DataDirectoryMissing", $"{node} has no data directory.", "Name one for the green node, or a 'dataRoot' for green.", FailureCategory.InvalidInput) { Target = node.Name };

    /// <summary>Makes the node, or goes on where an earlier try has ended.</summary>
    public async Task BringUpAsync(CancellationToken cancellationToken)
    {
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, node.Version, _host, cancellationToken);
        await using NpgsqlConnection admin = await _access.ConnectAsync(blue, PostgresAccount.Admin, "provision", cancellationToken);
        PostgresProgram program = await PostgresProgram.LikeOwnerOfAsync(await admin.SettingAsync("data_directory", cancellationToken), blue, node, context.Hosts, cancellationToken);
        await new PhysicalSetup(context).FinishSwapAsync(await PhysicalRecord.FindAsync(context, cancellationToken), cancellationToken);
        PostgresGreenRecord? record = await PostgresGreenRecord.FindAsync(node, context.Service.Name, _host, cancellationToken);
        if (record?.Process is not { } process || !await _host.IsRunningAsync(process, cancellationToken))
        {
            await EnsureFreeAsync(cancellationToken);
            if (record is not { Initialized: true })
            {
                await InitializeAsync(record, software, program, admin, cancellationToken);
            }

            await new PostgresStart(node, context).StartAsync(software, program, cancellationToken);
        }

        await CarryRolesAsync(software, program, cancellationToken);
    }

    private async Task EnsureFreeAsync(CancellationToken cancellationToken)
    {
        if (!await _host.IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken))
        {
            throw new UpgradeException("GreenPortTaken", $"Something listens on {node.Endpoint} already, where {node.Name} is to listen.", "Choose another port for the green node, or stop what uses this one.", FailureCategory.Capacity) { Target = node.Endpoint.ToString() };
        }
    }

    private async Task InitializeAsync(PostgresGreenRecord? record, PostgresSoftware software, PostgresProgram program, NpgsqlConnection admin, CancellationToken cancellationToken)
    {
        CommandResult content = await _host.RunAsync(new HostCommand("ls", "-A", _folder), cancellationToken);
        if (content is { ExitCode: 0, Output.Length: > 0 } && record is null)
        {
            throw new UpgradeException("GreenFolderTaken", $"{_folder} on host '{_host.Name}' holds something that this service did not make.", "Choose another data directory for the green node, or empty this one.", FailureCategory.Refused) { Target = _folder };
        }

        await _host.CreateFolderAsync(Path.GetDirectoryName(_folder.TrimEnd('/'))!, Passable, cancellationToken);
        PostgresGreenRecord begun = new(context.Service.Name, node.Name, false, null);
        await begun.SaveAsync(node, _host, cancellationToken);
        await new PostgresProgram(_host, null).RunAsync(new HostCommand("rm", "-rf", _folder), cancellationToken);
        string[] owner = program.Owner?.Split(':') is [var user, var group] ? ["-o", user, "-g", group] : [];
        await new PostgresProgram(_host, null).RunAsync(new HostCommand("install", ["-d", "-m", "0700", .. owner, _folder]), cancellationToken);
        await InitdbAsync(software, program, admin, cancellationToken);
        await ConfigureAsync(software, program, admin, cancellationToken);
        await (begun with { Initialized = true }).SaveAsync(node, _host, cancellationToken);
    }

    private async Task InitdbAsync(PostgresSoftware software, PostgresProgram program, NpgsqlConnection admin, CancellationToken cancellationToken)
    {
        // The first role is named as blue's is; template and locale are those of blue's own template.
        string first = await admin.ScalarAsync<string>("SELECT rolname::text FROM pg_roles WHERE oid = 10", cancellationToken) ?? "postgres";
        (string encoding, string collate, string ctype) = (await admin.ListAsync(
            "SELECT pg_encoding_to_char(encoding)::text, datcollate::text, datctype::text FROM pg_database WHERE datname = 'template0'",
            row => (row.GetString(0), row.GetString(1), row.GetString(2)), cancellationToken))[0];
        string[] checksums = await admin.SettingAsync("data_checksums", cancellationToken) == "on" ? ["--data-checksums"] : software.Major >= 18 ? ["--no-data-checksums"] : [];
        await program.RunAsync(
            new HostCommand(software["initdb"], ["-D", _folder, "-U", first, "--encoding", encoding, "--lc-collate", collate, "--lc-ctype", ctype, "--auth", "reject", "--no-instructions", .. checksums]) { WorkingFolder = _folder },
            cancellationToken);
        await program.RunAsync(
            new HostCommand(software["postgres"], "--single", "-D", _folder, "-c", $"hba_file={_folder}/pg_hba.conf", "postgres") { WorkingFolder = _folder, Input = PostgresControl.RoleStatement("CREATE", _access.ControlPassword) + "\n" },
            cancellationToken);
    }

    private async Task ConfigureAsync(PostgresSoftware software, PostgresProgram program, NpgsqlConnection admin, CancellationToken cancellationToken)
    {
        string described = await program.RunAsync(new HostCommand(software["postgres"], "--describe-config") { WorkingFolder = _folder }, cancellationToken);
        HashSet<string> known = [.. described.Split('\n').Select(line => line.Split('\t')[0])];
        List<string> carried = await PostgresSettings.CarriedAsync(admin, known, cancellationToken);
        string listen = node.Host == blue.Host ? await admin.SettingAsync("listen_addresses", cancellationToken) : node.Endpoint.Host;
        IEnumerable<string> own = PostgresSettings.Own(node, listen).Concat(context.Service.Green.Settings.Select(pair => PostgresSettings.Line(pair.Key, pair.Value)));
        string configuration = Path.Combine(_folder, "postgresql.conf");
        string rules = await PostgresControl.ReadAsync(await admin.SettingAsync("hba_file", cancellationToken), context.Hosts[blue.Host], cancellationToken);
        await _host.WriteFileAsync(configuration, string.Join('\n', [.. carried, .. own, string.Empty]), Private, cancellationToken);
        await _host.WriteFileAsync(Path.Combine(_folder, "pg_hba.conf"), PostgresHba.Close(context.Target.Nodes.Any(one => one.Role == NodeRole.Replica) ? PostgresHba.WithReplicas(rules) : rules), Private, cancellationToken);
        string identities = await context.Hosts[blue.Host].ReadFileAsync(await admin.SettingAsync("ident_file", cancellationToken), cancellationToken) ?? string.Empty;
        await _host.WriteFileAsync(Path.Combine(_folder, "pg_ident.conf"), identities, Private, cancellationToken);
    }

    // Roles with their passwords and memberships, as the newer pg_dumpall writes them; those that are there keep what they are.
    private async Task CarryRolesAsync(PostgresSoftware software, PostgresProgram program, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection control = await _access.ConnectAsync(node, PostgresAccount.Control, "provision", cancellationToken);
        HashSet<string> there = [.. await control.TextsAsync("SELECT rolname::text FROM pg_roles", cancellationToken)];
        (string from, IReadOnlyDictionary<string, string?> reader) = _access.ForPrograms(blue, PostgresAccount.Admin, "postgres");
        string dump = await program.RunAsync(new HostCommand(software["pg_dumpall"], "--globals-only", "--no-tablespaces", "-d", from) { Environment = reader, WorkingFolder = "/" }, cancellationToken);
        IEnumerable<string> lines = dump.Split('\n').Where(line => !IsOfControl(line) && !there.Any(role => line == $"CREATE ROLE {role};" || line == $"CREATE ROLE {PostgresText.Name(role)};"));
        (string to, IReadOnlyDictionary<string, string?> writer) = _access.ForPrograms(node, PostgresAccount.Control, "postgres");
        await program.RunAsync(new HostCommand(software["psql"], "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", to, "-f", "-") { Environment = writer, Input = string.Join('\n', lines), WorkingFolder = "/" }, cancellationToken);
    }

    private static bool IsOfControl(string line) => line.StartsWith($"ALTER ROLE {PostgresAccess.ControlRole} ", StringComparison.Ordinal);
}
