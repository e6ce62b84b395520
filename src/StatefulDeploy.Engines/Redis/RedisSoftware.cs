using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The server program of a version on a host.</summary>
/// <param name="Program">Its path, or its name on the path.</param>
/// <param name="Version">What it says that it is.</param>
internal sealed record RedisSoftware(string Program, RedisVersion Version)
{
    /// <summary>Finds the program that the service file names for a version, or one on the host's path that is of that version.</summary>
    /// <exception cref="UpgradeException">There is none, or it is of another version.</exception>
    public static async Task<RedisSoftware> FindAsync(ServiceDescription service, string version, RedisFamily family, IHost host, CancellationToken cancellationToken)
    {
        string? described = service.Software.GetValueOrDefault(version)?.Server;
        if (!host.Exists)
        {
            // Nobody can be asked yet: what is described is what is to be there, and is asked for when the machine is.
            return new RedisSoftware(described ?? "redis-server", RedisVersion.Parse(version, family));
        }

        foreach (string program in described is null ? ["redis-server", "valkey-server"] : new[] { described })
        {
            if (await AskAsync(program, host, cancellationToken) is { } found && Fits(found, version, family, described is not null))
            {
                return new RedisSoftware(program, found);
            }
        }

        throw new UpgradeException(
            "SoftwareMissing",
            described is null ? $"Host '{host.Name}' has no server of version {version} on its path." : $"'{described}' on host '{host.Name}' is not there, or is not version {version}.",
            $"Install it, and name its server program under 'software' for version {version}.",
            FailureCategory.NotFound) { Target = version };
    }

    private static async Task<RedisVersion?> AskAsync(string program, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            return RedisVersion.OfProgram((await host.RunAsync(new HostCommand(program, "--version"), cancellationToken)).Output);
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.NotFound or FailureCategory.OperationFailed)
        {
            return null;
        }
    }

    // A program that the file names may be of either family: its own word counts. One that we find must be of the family asked for.
    private static bool Fits(RedisVersion found, string version, RedisFamily family, bool described)
    {
        RedisVersion wanted = RedisVersion.Parse(version, described ? found.Family : family);
        return wanted.IsSameMinor(found) && (wanted.Patch == 0 || wanted.Patch == found.Patch);
    }
}
