using System.Globalization;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Data;

/// <summary>So many keys with values of so many bytes, made by the server itself.</summary>
/// <param name="Keys">How many.</param>
/// <param name="ValueBytes">Bytes of each value.</param>
public sealed record DataSet(long Keys, int ValueBytes)
{
    /// <summary>Lines of the configuration that it needs. Values are full of zeros: they are not to be sent compressed.</summary>
    public static string[] Settings { get; } = ["enable-debug-command yes", "rdbcompression no", "repl-diskless-sync-delay 0"];

    /// <summary>So many bytes of values of 4 KiB.</summary>
    public static DataSet OfMegabytes(long megabytes) => new(megabytes * 256, 4096);

    /// <summary>Fills a server.</summary>
    public async Task FillAsync(RespServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        await server.CallAsync("DEBUG", "POPULATE", Text(Keys), "data", Text(ValueBytes));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
