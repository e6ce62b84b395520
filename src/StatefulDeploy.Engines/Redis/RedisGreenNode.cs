using System.Globalization;
using System.Net;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>One green node on its way up.</summary>
internal sealed class RedisGreenNode
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Node _node;
    private readonly RedisPair _pair;
    private readonly EngineContext _context;
    private readonly IHost _host;
    private readonly RedisAccess _access;
    private readonly string _folder;
    private readonly string _configuration;

    public RedisGreenNode(Node node, RedisPair pair, EngineContext context)
    {
        _node = node;
        _pair = pair;
        _context = context;
        _host = context.Hosts[node.Host];
        _access = new RedisAccess(context.Service, context.Secrets);
        _folder = RedisGreenRecord.FolderOf(node) ?? throw new UpgradeException("DataDirectoryMissing", $"{node} has no data directory.", "Name one for the green node, or a 'dataRoot' for green.", FailureCategory.InvalidInput) { Target = node.Name };
        _configuration = node.ConfigFile ?? Path.Combine(_folder, "redis.conf");
    }

    /// <summary>The family that versions of a service are of when they do not say.</summary>
    public static RedisFamily FamilyOf(ServiceDescription service) => service.Engine == "valkey" ? RedisFamily.Valkey : RedisFamily.Redis;

    /// <summary>Makes the node, or goes on where an earlier try has ended.</summary>
    public async Task BringUpAsync(CancellationToken cancellationToken)
    {
        RedisServerStart start = Start;
        if (!await start.RunsAsync(cancellationToken))
        {
            await EnsureFreeAsync(cancellationToken);
            RedisSoftware software = await SoftwareAsync(cancellationToken);
            await EnsureWrittenAsync([], cancellationToken);
            await start.RunAsync(software.Program, [], cancellationToken);
        }

        await FenceAsync(cancellationToken);
    }

    /// <summary>Makes all of it but the server, whose data comes with a volume.</summary>
    /// <param name="settings">Lines of its configuration that its data asks for.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task LayOutAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        if (!await Start.RunsAsync(cancellationToken))
        {
            await EnsureFreeAsync(cancellationToken);
            await SoftwareAsync(cancellationToken);
            await EnsureWrittenAsync(settings, cancellationToken);
        }
    }

    /// <summary>Starts what was laid out on data that is there, following a node from its first moment: only so it goes on where the data's own position is.</summary>
    /// <param name="source">Whom it follows at first; its file has whom it follows afterwards. Null for one that comes after the only server of its cluster.</param>
    /// <param name="cancellationToken">Gives up; the server may run.</param>
    public async Task StartOnDataAsync(Node? source, CancellationToken cancellationToken)
    {
        if (!await Start.RunsAsync(cancellationToken))
        {
            // Without its log it loads the snapshot that the old server wrote at its end: that alone knows a position.
            string[] following = source is null ? [] : ["--replicaof", source.Endpoint.Host, source.Endpoint.Port.ToString(CultureInfo.InvariantCulture)];
            string[] first = [.. following, "--appendonly", "no"];
            await Start.RunAsync((await SoftwareAsync(cancellationToken)).Program, first, cancellationToken);
        }

        await FenceAsync(cancellationToken);
    }

    /// <summary>The log as the file has it, for a server that was started without.</summary>
    public async Task<string> LogSettingAsync(CancellationToken cancellationToken) =>
        RedisConfigText.Values(await _host.ReadFileAsync(_configuration, cancellationToken) ?? string.Empty, "appendonly") is [.., var last] ? last.Trim('"') : "no";

    private RedisServerStart Start => new(_node, _folder, _configuration, _context);

    private Task<RedisSoftware> SoftwareAsync(CancellationToken cancellationToken) =>
        RedisSoftware.FindAsync(_context.Service, _node.Version, FamilyOf(_context.Service), _host, cancellationToken);

    private async Task EnsureFreeAsync(CancellationToken cancellationToken)
    {
        if (!await _host.IsPortFreeAsync(_node.Endpoint.Host, _node.Endpoint.Port, cancellationToken))
        {
            throw new UpgradeException("GreenPortTaken", $"Something listens on {_node.Endpoint} already, where {_node.Name} is to listen.", "Choose another port for the green node, or stop what uses this one.", FailureCategory.Capacity) { Target = _node.Endpoint.ToString() };
        }
    }

    private async Task EnsureWrittenAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        bool ours = await RedisGreenRecord.FindAsync(_node, _context.Service.Name, _host, cancellationToken) is not null;
        bool written = await _host.ReadFileAsync(_configuration, cancellationToken) is not null;
        if (written && !ours)
        {
            throw new UpgradeException("GreenFolderTaken", $"{_folder} on host '{_host.Name}' holds a server that this service did not make.", "Choose another data directory for the green node, or empty this one.", FailureCategory.Refused) { Target = _folder };
        }

        if (!written)
        {
            await WriteAsync(settings, cancellationToken);
        }
    }

    private async Task WriteAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        await using RespConnection blue = await _access.ConnectAsync(_pair.Source.Primary, RedisAccount.Admin, "provision", cancellationToken);
        IReadOnlyList<RedisAclUser> users = [.. (await blue.UsersAsync(cancellationToken)).Where(user => user.Name != RedisAccess.ControlUser)];
        await _host.CreateFolderAsync(_folder, Private | UnixFileMode.UserExecute, cancellationToken);
        await new RedisGreenRecord(_context.Service.Name, _node.Name, null).SaveAsync(_folder, _host, cancellationToken);
        await _host.WriteFileAsync(_configuration, await TextAsync(blue, users, settings, cancellationToken), Private, cancellationToken);
    }

    private async Task<string> TextAsync(RespConnection blue, IReadOnlyList<RedisAclUser> users, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        long data = (await blue.InfoAsync("memory", cancellationToken)).Number("used_memory");
        string text = RedisGreenConfig.Text(
            _node, _folder, _context.Service.TlsCaFile is not null, RedisGreenConfig.BacklogBytes(data), await BindAsync(blue, cancellationToken),
            await RedisCarriedSettings.LinesAsync(blue, _context.Service.Green, cancellationToken), [.. Following(), .. settings]);
        if (_pair.Source.Primary.Colour == _node.Colour)
        {
            // It joins a cluster that serves, as a replica: whoever may write there may try here as well.
            return text + string.Concat(users.Append(_access.Control).Select(user => user.Line + "\n"));
        }

        // Which commands write is known only when the server runs: until then nobody but us has any right.
        return RedisConfigText.Close(text, users, ["-@all"], _access.Control);
    }

    private async Task<string> BindAsync(RespConnection blue, CancellationToken cancellationToken)
    {
        string bind = await blue.SettingAsync("bind", cancellationToken) ?? string.Empty;
        bool here = _pair.Source.Primary.Host == _node.Host;
        if (bind.Length == 0 || (!here && !bind.Contains('*', StringComparison.Ordinal)))
        {
            return $"{_node.Endpoint.Host} 127.0.0.1";
        }

        // Blue's addresses are green's, but the one that green is described with must be among them.
        string own = _node.Endpoint.Host;
        bool listens = bind.Split(' ').Any(address => address.TrimStart('-') is "*" or "0.0.0.0" || address.TrimStart('-') == own);
        return listens || !IPAddress.TryParse(own, out _) ? bind : $"{bind} {own}";
    }

    private string[] Following()
    {
        if (_node.Role == NodeRole.Primary)
        {
            // Not in its file: a green that is restarted after it was promoted must not go and follow blue.
            return [];
        }

        NodeEndpoint primary = _pair.Target.Primary.Endpoint;
        return [$"replicaof {primary.Host} {primary.Port}", .. _access.ReplicationLines];
    }

    // A node that was opened before it died stays open: only the guard closes it again.
    private async Task FenceAsync(CancellationToken cancellationToken)
    {
        RedisConfigFile file = new(_host, _configuration, Private, null);
        string text = await file.ReadAsync(cancellationToken);
        if (!RedisConfigText.IsClosed(text))
        {
            return;
        }

        await using RespConnection control = await _access.ConnectAsync(_node, RedisAccount.Control, "provision", cancellationToken);
        IReadOnlyList<string> denials = await RedisFenceRules.LoadAsync(control, cancellationToken);
        IReadOnlyList<RedisAclUser> users = RedisConfigText.Originals(text);
        await file.WriteAsync(RedisConfigText.Close(text, users, denials, _access.Control), cancellationToken);
        await new RedisFence(users, denials).CloseAsync(control, cancellationToken);
    }
}
