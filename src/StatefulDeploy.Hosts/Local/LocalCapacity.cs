using System.Globalization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Local;

/// <summary>What this machine has to give.</summary>
internal static class LocalCapacity
{
    public static HostCapacity Measure(string path)
    {
        var existing = Path.GetFullPath(path);
        while (!Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing)!;

        return new HostCapacity(new DriveInfo(existing).AvailableFreeSpace, AvailableMemory(), Environment.ProcessorCount);
    }

    // The kernel's own estimate of what can be had without swapping: free memory and what caches give back.
    private static long AvailableMemory()
    {
        var line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("MemAvailable:".Length).Trim(" kB"), CultureInfo.InvariantCulture) * 1024;
    }
}
