using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// Lets our role in. Changes a node's <c>pg_hba.conf</c>, so it is called only where the guard runs, or for a server that nobody serves from yet.
/// </summary>
internal static class PostgresControl
{
    private const string Known = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Connects as our role, and makes it and lets it in first where it is not known.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or the administrator lacks the rights.</exception>
    public static async Task<NpgsqlConnection> EnsureAsync(Node node, PostgresAccess access, IHost host, string purpose, CancellationToken cancellationToken)
    {
        try
        {
            return await access.ConnectAsync(node, PostgresAccount.Control, purpose, cancellationToken);
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.AccessDenied)
        {
            await MakeAsync(node, access, host, cancellationToken);
            return await access.ConnectAsync(node, PostgresAccount.Control, purpose, cancellationToken);
        }
    }

    /// <summary>The undo: the role and its rules go. On a closed node they stay, for without them nobody could open it.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or the administrator is refused although it is open.</exception>
    public static async Task ForgetAsync(Node node, PostgresAccess access, IHost host, CancellationToken cancellationToken)
    {
        if (await IsClosedAsync(node, access, host, cancellationToken))
        {
            return;
        }

        await using NpgsqlConnection admin = await access.ConnectAsync(node, PostgresAccount.Admin, "setup", cancellationToken);
        string file = await admin.SettingAsync("hba_file", cancellationToken);
        string text = await ReadAsync(file, host, cancellationToken);
        if (PostgresHba.HasControl(text))
        {
            await host.WriteFileAsync(file, PostgresHba.Original(text), Private, cancellationToken);
            await admin.RunAsync("SELECT pg_reload_conf()", cancellationToken);
        }

        if (await admin.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
        {
            return; // What the primary drops is dropped here.
        }

        // Its objects are gone by now; what somebody else gave it keeps it, without a way to log in.
        await admin.RunAsync($"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{PostgresAccess.ControlRole}') THEN BEGIN DROP ROLE {PostgresAccess.ControlRole}; EXCEPTION WHEN dependent_objects_still_exist THEN ALTER ROLE {PostgresAccess.ControlRole} NOLOGIN NOSUPERUSER PASSWORD NULL; END; END IF; END $$", cancellationToken);
    }

    /// <summary>The statement that makes our role, or gives it its password again.</summary>
    public static string RoleStatement(string verb, string password) =>
        $"{verb} ROLE {PostgresAccess.ControlRole} LOGIN SUPERUSER REPLICATION PASSWORD '{PostgresText.ScramVerifier(password)}'";

    /// <summary>The text of a file on a node's host.</summary>
    /// <exception cref="UpgradeException">There is no such file.</exception>
    public static async Task<string> ReadAsync(string file, IHost host, CancellationToken cancellationToken) =>
        await host.ReadFileAsync(file, cancellationToken)
            ?? throw new UpgradeException("HbaFileMissing", $"{file} is not there on host '{host.Name}'.", "Check that the node is described with the host on which it runs.", FailureCategory.NotFound) { Target = file };

    private static async Task<bool> IsClosedAsync(Node node, PostgresAccess access, IHost host, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection any = await access.ConnectAnyAsync(node, "setup", cancellationToken);
        return PostgresHba.IsClosed(await ReadAsync(await any.SettingAsync("hba_file", cancellationToken), host, cancellationToken));
    }

    private static async Task MakeAsync(Node node, PostgresAccess access, IHost host, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection admin = await access.ConnectAsync(node, PostgresAccount.Admin, "setup", cancellationToken);
        bool known = await admin.ScalarAsync<bool>(Known, cancellationToken, PostgresAccess.ControlRole);
        if (!await admin.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
        {
            await admin.RunAsync(RoleStatement(known ? "ALTER" : "CREATE", access.ControlPassword), cancellationToken);
        }
        else
        {
            // A replica gets the role from its primary.
            for (; !known; known = await admin.ScalarAsync<bool>(Known, cancellationToken, PostgresAccess.ControlRole))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }

        string file = await admin.SettingAsync("hba_file", cancellationToken);
        string text = await ReadAsync(file, host, cancellationToken);
        if (!PostgresHba.HasControl(text))
        {
            await host.WriteFileAsync(file, PostgresHba.Open(text), Private, cancellationToken);
        }

        await admin.RunAsync("SELECT pg_reload_conf()", cancellationToken);
    }
}
