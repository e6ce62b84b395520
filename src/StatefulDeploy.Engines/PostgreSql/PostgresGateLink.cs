using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The warm connection of a gate to one node, and an ordinary client's session for the write probe.</summary>
internal sealed class PostgresGateLink(Node node, PostgresAccess access, NpgsqlConnection control, string file, string pidFile) : IAsyncDisposable
{
    /// <summary>What our connection is named for, so that a later guard can find and end it.</summary>
    public const string Purpose = "gate";

    private const string ProbeWrite = "SELECT txid_current()";

    private NpgsqlConnection? _client;

    /// <summary>The connection of our role.</summary>
    public NpgsqlConnection Control => control;

    /// <summary>The node's <c>pg_hba.conf</c>.</summary>
    public string File => file;

    /// <summary>The file in which the server tells its process.</summary>
    public string PidFile => pidFile;

    /// <summary>Whether the file is closed and everything else is ready for it to be read.</summary>
    public bool Prepared { get; set; }

    /// <summary>Connects as our role, which is let in first where it is not known.</summary>
    public static async Task<PostgresGateLink> OpenAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        NpgsqlConnection control = await PostgresControl.EnsureAsync(node, access, context.Host, Purpose, cancellationToken);
        string folder = await control.SettingAsync("data_directory", cancellationToken);
        return new PostgresGateLink(node, access, control, await control.SettingAsync("hba_file", cancellationToken), Path.Combine(folder, "postmaster.pid"));
    }

    /// <summary>Makes the ordinary client's session, so that the probe shows what a session from before may do.</summary>
    public async Task PrepareProbeAsync(CancellationToken cancellationToken)
    {
        if (_client is null)
        {
            await TryAsync(cancellationToken);
        }
    }

    /// <summary>Tries to take a transaction id, which only a writer gives, in the session from before and else in a new one.</summary>
    public async Task<GateState> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_client is not null && await WritesAsync(_client, cancellationToken))
            {
                return GateState.Open;
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or InvalidOperationException)
        {
            await ForgetClientAsync();
        }

        try
        {
            _client = await access.OpenAsync(node, PostgresAccount.Client, "probe", cancellationToken);
            return await WritesAsync(_client, cancellationToken) ? GateState.Open : GateState.NotWriter;
        }
        catch (PostgresException exception)
        {
            await ForgetClientAsync();
            return exception.SqlState switch
            {
                PostgresErrorCodes.InvalidAuthorizationSpecification => GateState.Closed,
                PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.TooManyConnections => GateState.Unreachable,
                _ => GateState.Open,
            };
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            await ForgetClientAsync();
            return GateState.Unreachable;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ForgetClientAsync();
        await control.DisposeAsync();
    }

    private static async Task<bool> WritesAsync(NpgsqlConnection client, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlCommand command = new(ProbeWrite, client);
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            return false;
        }
    }

    private async Task ForgetClientAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
            _client = null;
        }
    }
}
