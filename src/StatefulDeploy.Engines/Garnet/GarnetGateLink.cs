using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A gate's open and warm connections to one node, and what preparing has found out.</summary>
internal sealed class GarnetGateLink(Node node, GarnetAccess access, RespConnection control, GarnetCommands commands) : IAsyncDisposable
{
    /// <summary>The purpose by which other guards know these connections.</summary>
    public const string Purpose = "gate";

    private RespConnection? _client;

    /// <summary>As our own user.</summary>
    public RespConnection Control => control;

    /// <summary>The server's commands.</summary>
    public GarnetCommands Commands => commands;

    /// <summary>Our users' names and passwords.</summary>
    public GarnetAccess Access => access;

    /// <summary>What is to be closed; null before preparing.</summary>
    public GarnetFence? Fence { get; set; }

    /// <summary>Connects.</summary>
    public static async Task<GarnetGateLink> OpenAsync(Node node, GateContext context, CancellationToken cancellationToken)
    {
        GarnetAccess access = new(context.Service, context.Secrets);
        RespConnection control = await access.ConnectControlAsync(node, Purpose, cancellationToken);
        return new GarnetGateLink(node, access, control, await GarnetCommands.AskAsync(control, cancellationToken));
    }

    /// <summary>The ordinary client's connection, made at its first use and kept, so that the probe shows what an existing session may do.</summary>
    public async Task<RespConnection> ClientAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsOpen: true })
        {
            return _client;
        }

        _client = await access.ConnectAsync(node, GarnetAccount.Client, "probe", cancellationToken);

        // Named afterwards, and only if the client's account may: the retirement must not take it for somebody who still uses the node.
        await _client.SendAsync(["CLIENT", "SETNAME", GarnetClient.ProbeName], cancellationToken);
        return _client;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await control.DisposeAsync();
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
    }
}
