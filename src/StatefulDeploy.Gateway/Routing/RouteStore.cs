using System.Text.Json;
using System.Text.Json.Serialization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Gateway.Routing;

/// <summary>The route on disk: what was stored is what a restarted gateway does.</summary>
internal sealed class RouteStore : IDisposable
{
    private const int Version = 1;
    private const int SlotSize = 4096;
    private const string Magic = "statefuldeploy-route";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly TwoSlotFile _file;
    private readonly string _path;

    /// <summary>Opens the store in a folder, and makes an empty one when there is none.</summary>
    public RouteStore(string folder)
    {
        _path = Path.Combine(folder, "route");
        _file = TwoSlotFile.Open(_path, Magic, SlotSize);
    }

    /// <summary>Reads the route; null if there is none yet.</summary>
    /// <exception cref="UpgradeException">The file is damaged, or from a newer version.</exception>
    public Route? Load()
    {
        try
        {
            if (_file.Read() is not { } json)
                return null;

            var stored = JsonSerializer.Deserialize<Stored>(json, Json) ?? throw new JsonException("It is empty.");
            return stored.Version == Version ? stored.Route : throw new JsonException($"It is of version {stored.Version}, and this program knows version {Version}.");
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException or NotSupportedException)
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
    public void Save(Route route) => _file.Write(JsonSerializer.SerializeToUtf8Bytes(new Stored(Version, route with { TransactionsGoOn = false }), Json));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private sealed record Stored(int Version, Route Route);
}
