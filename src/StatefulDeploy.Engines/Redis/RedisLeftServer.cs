using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>How the old server of a node was found running, kept on our machine, so that it can be started in the same way when its volume comes back.</summary>
/// <param name="Program">Its program.</param>
/// <param name="ConfigFile">Its configuration file.</param>
/// <param name="User">Whom it ran as, as <c>uid:gid</c>; null when that was us.</param>
/// <param name="Folder">Its working folder.</param>
/// <param name="Snapshot">The name of its snapshot file.</param>
internal sealed record RedisLeftServer(string Program, string ConfigFile, string? User, string Folder, string Snapshot)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The record of a node; null when there is none.</summary>
    public static async Task<RedisLeftServer?> FindAsync(Node node, EngineContext context, CancellationToken cancellationToken) =>
        await Ours(context).ReadFileAsync(PathOf(node, context), cancellationToken) is { } text ? ModelJson.Read<RedisLeftServer>(text) : null;

    /// <summary>Asks a running server, and keeps what it tells.</summary>
    /// <exception cref="UpgradeException">It does not answer, or was started without a configuration file.</exception>
    public static async Task<RedisLeftServer> NoteAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        await using RespConnection admin = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "setup", cancellationToken);
        RedisInfo server = await admin.InfoAsync("server", cancellationToken);
        string process = $"/proc/{server.Number("process_id").ToString(CultureInfo.InvariantCulture)}";
        IHost host = context.Hosts[node.Host];
        string owner = await SaidAsync(host, ["stat", "-c", "%u:%g", process], cancellationToken);
        string folder = await SaidAsync(host, ["readlink", $"{process}/cwd"], cancellationToken);
        bool isOurs = owner.Split(':')[0] == await SaidAsync(host, ["id", "-u"], cancellationToken);
        RedisLeftServer left = new(
            context.Service.Software.GetValueOrDefault(node.Version)?.Server ?? server["executable"], await RedisConfigFile.PathAsync(node, admin, cancellationToken),
            isOurs ? null : owner, folder.Length > 0 ? folder : "/", await admin.SettingAsync("dbfilename", cancellationToken) ?? "dump.rdb");
        await Ours(context).CreateFolderAsync(Path.GetDirectoryName(PathOf(node, context))!, Private | UnixFileMode.UserExecute, cancellationToken);
        await Ours(context).WriteFileAsync(PathOf(node, context), ModelJson.Write(left), Private, cancellationToken);
        return left;
    }

    /// <summary>The command that starts it following a node, or as its file has it.</summary>
    public HostCommand Command(Node? source)
    {
        string[] following = source is null ? [] : ["--replicaof", source.Endpoint.Host, source.Endpoint.Port.ToString(CultureInfo.InvariantCulture)];
        string[] server = [Program, ConfigFile, .. following];
        string[] command = User?.Split(':') is [var user, var group] ? ["setpriv", $"--reuid={user}", $"--regid={group}", "--init-groups", .. server] : server;
        return new HostCommand(command[0], command[1..]) { WorkingFolder = Folder };
    }

    private static async Task<string> SaidAsync(IHost host, string[] command, CancellationToken cancellationToken) =>
        (await host.RunAsync(new HostCommand(command[0], command[1..]), cancellationToken)).Output.Trim();

    private static IHost Ours(EngineContext context) => context.Hosts["local"];

    private static string PathOf(Node node, EngineContext context) => Path.Combine(context.Service.StateDirectory, "reuse", context.UpgradeId, $"{node.Name}.json");
}
