using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Admin;

/// <summary>What the gateway does on servers as itself, and whether its account may.</summary>
internal sealed class GatewayAccount(GatewayServer server, ControlChannel control)
{
    /// <summary>Why the account does not work on the server it is needed on next; null if it does, as far as is known.</summary>
    public string? Error { get; private set; }

    /// <summary>Makes a server ready: probes the account there, and loads the scripts that clients have used.</summary>
    /// <returns>How many scripts are not there.</returns>
    /// <exception cref="AdminException">The server cannot be reached.</exception>
    public async Task<int> PrepareAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        await ProbeAsync(target, cancellationToken);
        var scripts = server.Scripts.Scripts;
        return Error is null ? await control.LoadScriptsAsync(target, scripts, cancellationToken) : scripts.Count;
    }

    /// <summary>Opens the gateway's own connection to a server, and sees whether its account may do what it is for.</summary>
    private async Task ProbeAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        try
        {
            // No connection has this id: the answer is 0, or that it is not permitted.
            var reply = (await control.UnblockAsync(target, [0], cancellationToken))[0];
            Error = reply.IsError ? $"{target}: {reply.AsString()}" : null;
        }
        catch (Exception exception) when (exception is RespConnectionException or TimeoutException)
        {
            throw new AdminException("Unreachable", exception.Message);
        }
        catch (Exception exception) when (exception is RespServerException or IOException)
        {
            Error = $"{target}: {exception.Message}";
        }
    }

    /// <summary>Probes the server that requests go to now.</summary>
    public async Task ProbeAtStartAsync()
    {
        try
        {
            await ProbeAsync(server.Route.Target, CancellationToken.None);
        }
        catch (AdminException)
        {
            // The server is not up yet. It is asked again before every switch.
        }
    }

    /// <summary>Loads scripts on the server that is made ready, if there is one.</summary>
    public async Task LoadOnPreparedAsync(byte[][] scripts)
    {
        // Off the session's lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (server.Route.Prepared is not { } target)
            return;

        try
        {
            await control.LoadScriptsAsync(target, scripts, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or RespServerException or TimeoutException)
        {
            // The next prepare loads it. Until then EVALSHA may answer NOSCRIPT there, which clients must expect of any server.
        }
    }
}
