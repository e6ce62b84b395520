using System.Globalization;

namespace StatefulDeploy.Benchmarks.Results;

/// <summary>What the figures were measured on, without which they say little.</summary>
public static class Machine
{
    public static string Description { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores ({Processor()}), {Memory()} GB, {System.Runtime.InteropServices.RuntimeInformation.OSDescription.Split('#')[0].Trim()}, .NET {Environment.Version}");

    private static string Processor() => Line("/proc/cpuinfo", "model name") ?? "unknown";

    private static string Memory() => Line("/proc/meminfo", "MemTotal") is { } total && long.TryParse(total.Split(' ')[0], CultureInfo.InvariantCulture, out var kilobytes)
        ? (kilobytes / 1024 / 1024).ToString(CultureInfo.InvariantCulture)
        : "?";

    private static string? Line(string file, string name) => File.ReadLines(file)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(':') + 1)..].Trim())
        .FirstOrDefault();
}
