using System.Security.Cryptography;
using System.Text;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>One physical replica of green: a base backup of green's primary that streams from it, closed as it is. One of a primary that is another system by now is made anew.</summary>
internal sealed class PostgresGreenReplica(Node node, EngineContext context)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Passable = Private | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly IHost _host = context.Hosts[node.Host];
    private readonly PostgresAccess _access = new(context.Service, context.Secrets);
    private readonly Node _primary = context.Target.Writer;
    private readonly string _folder = node.DataDirectory ?? throw new UpgradeException("DataDirectoryMissing", $"{node} has no data directory.", "Name one for the green node, or a 'dataRoot' for green.", FailureCategory.InvalidInput) { Target = node.Name };

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="UpgradeException">It cannot be made; what was made is left for the undo.</exception>
    public async Task BringUpAsync(CancellationToken cancellationToken)
    {
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, node.Version, _host, cancellationToken);
        PostgresProgram program = await OwnerAsync(cancellationToken);
        await using NpgsqlConnection primary = await _access.ConnectAsync(_primary, PostgresAccount.Control, "replicas", cancellationToken);
        PostgresGreenRecord? record = await PostgresGreenRecord.FindAsync(node, context.Service.Name, _host, cancellationToken);
        if (record is { Initialized: true })
        {
            if (record.Process is not { } process || !await _host.IsRunningAsync(process, cancellationToken))
            {
                await new PostgresStart(node, context).StartAsync(software, program, cancellationToken);
            }

            await using NpgsqlConnection server = await _access.ConnectAsync(node, PostgresAccount.Control, "replicas", cancellationToken);
            if (await PostgresReplicas.SystemAsync(server, cancellationToken) == await PostgresReplicas.SystemAsync(primary, cancellationToken))
            {
                return;
            }
        }

        await EnsureFreeAsync(record, cancellationToken);
        await MakeAsync(primary, software, program, cancellationToken);
        await new PostgresStart(node, context).StartAsync(software, program, cancellationToken);
    }

    private async Task<PostgresProgram> OwnerAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection blue = await _access.ConnectAnyAsync(context.Source.Writer, "provision", cancellationToken);
        return await PostgresProgram.LikeOwnerOfAsync(await blue.SettingAsync("data_directory", cancellationToken), context.Source.Writer, node, context.Hosts, cancellationToken);
    }

    private async Task EnsureFreeAsync(PostgresGreenRecord? record, CancellationToken cancellationToken)
    {
        if (record is not null)
        {
            await (await PostgresGreenRecord.FindAsync(node, context.Service.Name, _host, cancellationToken) ?? record).DiscardAsync(node, _host, cancellationToken);
        }

        if (!await _host.IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken))
        {
            throw new UpgradeException("GreenPortTaken", $"Something listens on {node.Endpoint} already, where {node.Name} is to listen.", "Choose another port for the green node, or stop what uses this one.", FailureCategory.Capacity) { Target = node.Endpoint.ToString() };
        }

        if (await _host.RunAsync(new HostCommand("ls", "-A", _folder), cancellationToken) is { ExitCode: 0, Output.Length: > 0 })
        {
            throw new UpgradeException("GreenFolderTaken", $"{_folder} on host '{_host.Name}' holds something that this service did not make.", "Choose another data directory for the green node, or empty this one.", FailureCategory.Refused) { Target = _folder };
        }
    }

    private async Task MakeAsync(NpgsqlConnection primary, PostgresSoftware software, PostgresProgram program, CancellationToken cancellationToken)
    {
        bool known = await primary.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", cancellationToken, PostgresAccess.ReplicationRole);
        await primary.RunAsync($"{(known ? "ALTER" : "CREATE")} ROLE {PostgresAccess.ReplicationRole} LOGIN REPLICATION PASSWORD '{PostgresText.ScramVerifier(_access.ReplicationPassword)}'", cancellationToken);
        string slot = SlotOf(node);
        if (!await primary.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)", cancellationToken, slot))
        {
            await primary.RunAsync("SELECT pg_create_physical_replication_slot($1)", cancellationToken, slot);
        }

        await _host.CreateFolderAsync(Path.GetDirectoryName(_folder.TrimEnd('/'))!, Passable, cancellationToken);
        PostgresGreenRecord begun = new(context.Service.Name, node.Name, false, null);
        await begun.SaveAsync(node, _host, cancellationToken);
        string[] owner = program.Owner?.Split(':') is [var user, var group] ? ["-o", user, "-g", group] : [];
        await new PostgresProgram(_host, null).RunAsync(new HostCommand("install", ["-d", "-m", "0700", .. owner, _folder]), cancellationToken);
        (string connection, IReadOnlyDictionary<string, string?> environment) = _access.ForReplica(_primary, node);
        await program.RunAsync(new HostCommand(software["pg_basebackup"], "-D", _folder, "-d", connection, "--wal-method=stream", "--slot", slot, "--checkpoint=fast", "--write-recovery-conf") { Environment = environment, WorkingFolder = "/" }, cancellationToken);
        await ConfigureAsync(primary, cancellationToken);
        await (begun with { Initialized = true }).SaveAsync(node, _host, cancellationToken);
    }

    // The primary's own files came along; what is written later in them holds.
    private async Task ConfigureAsync(NpgsqlConnection primary, CancellationToken cancellationToken)
    {
        string file = Path.Combine(_folder, "postgresql.conf");
        string listen = node.Host == _primary.Host ? await primary.SettingAsync("listen_addresses", cancellationToken) : node.Endpoint.Host;
        string text = await PostgresControl.ReadAsync(file, _host, cancellationToken);
        await _host.WriteFileAsync(file, string.Join('\n', [text.TrimEnd('\n'), .. PostgresSettings.Own(node, listen), string.Empty]), Private, cancellationToken);
    }

    // Names of slots have letters of their own: two nodes' must not fall together.
    private static string SlotOf(Node node) => $"replica_{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(node.Name))).ToLowerInvariant()[..16]}";
}
