using StatefulDeploy.Contracts;
using StatefulDeploy.Load;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo;

/// <summary>What a demo needs of an engine. A new engine adds one class and its line in <see cref="DemoEngines"/>.</summary>
internal interface IDemoEngine
{
    /// <summary>The engine's name, as the YAML uses it.</summary>
    string Name { get; }

    /// <summary>The version that serves at first.</summary>
    string From { get; }

    /// <summary>The version that is upgraded to.</summary>
    string To { get; }

    /// <summary>Whether it can be shown how its volumes are reused.</summary>
    bool CanReuseVolumes => false;

    /// <summary>Finds the software of both versions, or fetches it.</summary>
    /// <returns>The program of each version.</returns>
    /// <exception cref="UpgradeException">It is not there; the message names what is missing and where it was looked for.</exception>
    Task<IReadOnlyDictionary<string, string>> FindSoftwareAsync(IHost host, CancellationToken cancellationToken);

    /// <summary>Starts the blue that the service describes, empty, as a process that carries our environment.</summary>
    Task StartBlueAsync(EngineContext context, DemoPlace place, CancellationToken cancellationToken);

    /// <summary>The service file's lines of the router, and of what else this engine needs.</summary>
    /// <param name="place">The demo's folder.</param>
    /// <param name="listen">Where clients connect.</param>
    /// <param name="name">What it is named for: a shard, or the service.</param>
    string Router(DemoPlace place, NodeEndpoint listen, string name) => $$"""router: { kind: gateway, listen: "{{listen}}", admin: ./run/{{name}}.sock }""";

    /// <summary>Whether there is a demo of several shards too.</summary>
    bool HasShards => true;

    /// <summary>Starts the router of <see cref="Router"/>, when it is not the gateway.</summary>
    Task StartRouterAsync(EngineContext context, DemoPlace place, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes keys that nobody looks at afterwards but the comparison.</summary>
    Task FillAsync(NodeEndpoint endpoint, int keys, CancellationToken cancellationToken);

    /// <summary>How the ledger reaches an endpoint.</summary>
    ILedgerEndpoint Ledger(NodeEndpoint endpoint);
}
