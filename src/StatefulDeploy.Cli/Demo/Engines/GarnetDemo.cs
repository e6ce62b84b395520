using System.Net;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Garnet;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo.Engines;

/// <summary>Garnet, whose versions are fetched as .NET tools: the demo that runs on a fresh machine.</summary>
internal sealed class GarnetDemo : IDemoEngine
{
    public string Name => "garnet";

    public string From => "2.2.2";

    public string To => "2.2.8";

    public async Task<IReadOnlyDictionary<string, string>> FindSoftwareAsync(IHost host, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var version in new[] { From, To })
            found[version] = await GarnetTool.EnsureAsync(version, host, cancellationToken);
        return found;
    }

    public Task StartBlueAsync(EngineContext context, DemoPlace place, CancellationToken cancellationToken) => GarnetEngine.BringUpSourceAsync(context, cancellationToken);

    public Task FillAsync(NodeEndpoint endpoint, int keys, CancellationToken cancellationToken) => RespFill.FillAsync(endpoint, keys, cancellationToken);

    public ILedgerEndpoint Ledger(NodeEndpoint endpoint) => new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Parse(endpoint.Host), endpoint.Port)] });
}
