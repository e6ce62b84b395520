using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>The relay as a process of its own.</summary>
internal sealed class RelayWorker : IEngineWorker
{
    /// <summary>The name of the worker.</summary>
    public const string WorkerName = "relay";

    /// <inheritdoc/>
    public string Name => WorkerName;

    /// <inheritdoc/>
    public async Task<int> RunAsync(string specificationFile, IPlatform platform, CancellationToken cancellationToken)
    {
        RelaySpecification specification = ModelJson.Read<RelaySpecification>(await File.ReadAllTextAsync(specificationFile, cancellationToken));
        RedisAccess access = new(specification.Service, platform.CreateSecrets(specification.Service));
        IHost host = platform.CreateHosts(specification.Service)["local"];
        string folder = Path.GetDirectoryName(specificationFile)!;
        RelayPhase[] ends = await Task.WhenAll(specification.Shards.Select(shard => RunAsync(shard, access, folder, host, cancellationToken)));
        return ends.Contains(RelayPhase.Broken) ? 1 : 0;
    }

    /// <summary>Runs one shard's relay to its end, and says how it ended.</summary>
    internal static async Task<RelayPhase> RunAsync(RelayShard shard, RedisAccess access, string folder, IHost host, CancellationToken cancellationToken)
    {
        RelayState end = new(RelayPhase.Done, string.Empty);
        try
        {
            await new RelayState(RelayPhase.Running, string.Empty).SaveAsync(folder, shard.Name, host, cancellationToken);
            await new RedisRelay(shard.Green, shard.Blue, access, shard.Start, TimeProvider.System).RunAsync(cancellationToken);
        }
        catch (WayBackEndedException exception)
        {
            end = new RelayState(RelayPhase.Broken, exception.Message);
        }

        await end.SaveAsync(folder, shard.Name, host, CancellationToken.None);
        return end.Phase;
    }
}
