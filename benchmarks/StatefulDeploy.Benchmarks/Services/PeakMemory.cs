using System.Globalization;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Benchmarks.Services;

/// <summary>The most memory that a process had at any time, as the kernel counts it.</summary>
/// <param name="Bytes">Resident bytes.</param>
public sealed record PeakMemory(long Bytes)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Megabytes.</summary>
    public double Megabytes => Bytes / 1024.0 / 1024.0;

    /// <summary>Reads it until the process has ended: the last figure is the highest.</summary>
    public static async Task<PeakMemory> WatchAsync(TestProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        long peak = 0;
        while (!process.HasExited)
        {
            peak = Read(process.Id) ?? peak;
            await Task.Delay(Look);
        }

        return new PeakMemory(peak);
    }

    private static long? Read(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            // It has just ended.
            return null;
        }
    }
}
