using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The warm connections of a gate to one node: ours, and one as an ordinary client for the write probe.</summary>
internal sealed class RedisGateLink : IAsyncDisposable
{
    /// <summary>What our connection is named for, so that a later guard can find and end it.</summary>
    public const string Purpose = "gate";

    private readonly Node _node;
    private readonly RedisAccess _access;
    private RespConnection? _client;
    private bool _isKept;
    private Func<Task>? _settle;
    private Task _settling = Task.CompletedTask;

    private RedisGateLink(Node node, RedisAccess access, RespConnection control)
    {
        _node = node;
        _access = access;
        Control = control;
    }

    /// <summary>The connection of the control user.</summary>
    public RespConnection Control { get; }

    /// <summary>The control user as it must stand in the configuration.</summary>
    public RedisAclUser ControlRules => _access.Control;

    /// <summary>What was prepared; null when nothing is.</summary>
    public RedisGatePreparation? Prepared { get; set; }

    /// <summary>Begins to flush the file after an opening, behind the act.</summary>
    public void Settle(Func<Task> settle)
    {
        _settle = settle;
        _settling = settle();
    }

    /// <summary>Waits until the last opening is on disk. What has failed is told, and begun anew: a file that stays closed would close the node at its next start.</summary>
    public async Task SettledAsync()
    {
        try
        {
            await _settling;
            _settle = null;
        }
        catch when (_settle is not null)
        {
            _settling = _settle();
            throw;
        }
    }

    /// <summary>Connects as the control user.</summary>
    public static async Task<RedisGateLink> OpenAsync(Node node, RedisAccess access, CancellationToken cancellationToken) =>
        new(node, access, await access.ConnectControlAsync(node, Purpose, cancellationToken));

    /// <summary>The ordinary client's connection, made before the fence and kept, so that the probe shows what an existing session may do.</summary>
    public async Task<RespConnection> ProbeConnectionAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsOpen: true })
        {
            return _client;
        }

        _client = await _access.ConnectAsync(_node, RedisAccount.Client, "probe", cancellationToken);

        // Named afterwards, and only if the client's account may: the retirement must not take it for somebody who still uses the node.
        RespValue named = await _client.SendAsync(["CLIENT", "SETNAME", $"{RedisAccess.NamePrefix}-probe"], cancellationToken);
        _isKept = named.ErrorCode is null;
        return _client;
    }

    /// <summary>Ends the ordinary client's connection if it could not be named: nobody could tell it from a user's.</summary>
    public async Task LeaveProbeAsync()
    {
        if (_client is not null && !_isKept)
        {
            await _client.DisposeAsync();
            _client = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Control.DisposeAsync();
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
    }
}
