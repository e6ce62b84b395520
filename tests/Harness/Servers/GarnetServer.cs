using System.Globalization;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A real Garnet server in cluster mode, the only one in which it replicates.</summary>
public sealed class GarnetServer : RespServer
{
    private readonly IReadOnlyList<string> _arguments;
    private readonly string _data;

    /// <summary>Prepares one that is not started yet.</summary>
    /// <param name="installation">Which server.</param>
    /// <param name="folder">Its folder, which exists.</param>
    /// <param name="port">Its port.</param>
    /// <param name="arguments">Arguments besides ours.</param>
    public GarnetServer(ServerInstallation installation, string folder, int port, IEnumerable<string> arguments)
        : base(installation, folder, port)
    {
        _data = Path.Combine(folder, "data");
        Directory.CreateDirectory(_data);
        _arguments = [.. arguments];
    }

    /// <summary>Whether it takes up the data it left, at its next start.</summary>
    public bool Recover { get; set; }

    /// <inheritdoc/>
    // The sizes are small because two cores and a test's memory are; RandomAccess because libaio is not everywhere.
    protected override IReadOnlyList<string> Arguments =>
    [
        "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--cluster", "--aof", "--checkpointdir", _data,
        "--memory", "256m", "--page", "4m", "--index", "16m", "--aof-memory", "64m", "--aof-page-size", "16m",
        "--protected-mode", "no", "--device-type", "RandomAccess", .. Recover ? ["--recover"] : Array.Empty<string>(), .. _arguments,
    ];
}
