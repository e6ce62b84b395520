using System.Globalization;
using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Reuse;

/// <summary>How fast a volume is on a host: what a log that is flushed at every write and what a load at start feel.</summary>
/// <param name="WriteMilliseconds">The mean time of one flushed write of 4 KiB.</param>
/// <param name="WriteBytesPerSecond">Throughput of writing 16 MiB, flushed at the end.</param>
/// <param name="ReadBytesPerSecond">Throughput of reading them past the cache.</param>
internal sealed partial record VolumeSpeed(double WriteMilliseconds, double WriteBytesPerSecond, double ReadBytesPerSecond)
{
    private const int Writes = 32;
    private const int Megabytes = 16;

    // What a machine's other work does to a measurement; a disk of another kind is further away than this.
    private const double Tolerated = 4;
    private const double NoMatter = 2;

    /// <summary>Measures in our folder on the volume; nothing is left there. Null when there is no room for it.</summary>
    internal static async Task<VolumeSpeed?> MeasureAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var file = Path.Combine(volume.MountPoint, VolumeMark.Folder, "speed");
        try
        {
            var latency = await TimeAsync(host, ["if=/dev/zero", "of=" + file, "bs=4k", $"count={Writes}", "oflag=dsync"], cancellationToken);
            var written = await TimeAsync(host, ["if=/dev/zero", "of=" + file, "bs=1M", $"count={Megabytes}", "conv=fsync"], cancellationToken);
            var read = await TimeAsync(host, ["if=" + file, "of=/dev/null", "bs=1M", "iflag=direct"], cancellationToken);
            return latency is null || written is null || read is null
                ? null
                : new VolumeSpeed(latency.Value * 1000 / Writes, (Megabytes << 20) / written.Value, (Megabytes << 20) / read.Value);
        }
        finally
        {
            await host.TryAsync("rm", ["-f", file], CancellationToken.None);
        }
    }

    /// <summary>What is so much worse than before that it would be felt; null when nothing is.</summary>
    internal string? SlowerThan(VolumeSpeed before)
    {
        if (WriteMilliseconds > Tolerated * before.WriteMilliseconds && WriteMilliseconds > NoMatter)
            return "flushed writes take longer";

        return WriteBytesPerSecond < before.WriteBytesPerSecond / Tolerated || ReadBytesPerSecond < before.ReadBytesPerSecond / Tolerated ? "its throughput is lower" : null;
    }

    /// <summary>The figures for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{WriteMilliseconds:0.00} ms a flushed write, {WriteBytesPerSecond / 1e6:0} MB/s written, {ReadBytesPerSecond / 1e6:0} MB/s read");

    // dd(1) of GNU coreutils: "16777216 bytes (17 MB, 16 MiB) copied, 0.0123 s, 1.4 GB/s".
    private static async Task<double?> TimeAsync(IHost host, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await host.TryAsync("dd", arguments, cancellationToken);
        return result.ExitCode == 0 && Copied().Match(result.Error) is { Success: true } match
            ? Math.Max(1e-6, double.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture))
            : null;
    }

    [GeneratedRegex(@"copied, (?<seconds>[0-9.e+-]+) s", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Copied();
}
