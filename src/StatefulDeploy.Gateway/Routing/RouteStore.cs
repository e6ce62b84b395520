using System.Text.Json;
using System.Text.Json.Serialization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Gateway.Routing;

/// <summary>The route on disk: what was stored is what a restarted gateway does.</summary>
internal sealed class RouteStore
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly string _path;

    public RouteStore(string folder)
    {
        _path = Path.Combine(folder, "route.json");
    }

    /// <summary>Reads the route; null if there is none yet.</summary>
    /// <exception cref="UpgradeException">The file is damaged, or from a newer version.</exception>
    public Route? Load()
    {
        if (!File.Exists(_path))
            return null;

        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(_path), Json) ?? throw new JsonException("It is empty.");
            return stored.Version == Version ? stored.Route : throw new JsonException($"It is of version {stored.Version}, and this program knows version {Version}.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new UpgradeException(
                "GatewayStateDamaged",
                $"The gateway's state '{_path}' cannot be read: {exception.Message}",
                "Make sure which cluster is live, move the file away, and start the gateway with that cluster as target.",
                FailureCategory.Damaged,
                exception) { Target = _path };
        }
    }

    /// <summary>Writes the route. When this returns it is on disk.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Save(Route route) => DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(new Stored(Version, route with { TransactionsGoOn = false }), Json));

    private sealed record Stored(int Version, Route Route);
}
