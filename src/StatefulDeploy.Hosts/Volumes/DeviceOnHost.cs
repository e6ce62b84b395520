using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Volumes;

/// <summary>Whether a host has a device with a file system of some UUID: the devices are read, nothing is cached.</summary>
internal static class DeviceOnHost
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static async Task<bool> IsThereAsync(IHost host, string uuid, CancellationToken cancellationToken) =>
        (await host.RunAsync(HostTool.Command("blkid", "-c", "/dev/null", "-o", "device", "-t", $"UUID={uuid}"), cancellationToken)).ExitCode == 0;

    /// <summary>Waits until a device has come or gone.</summary>
    /// <returns>Whether it did in time.</returns>
    public static async Task<bool> WaitAsync(IHost host, string uuid, bool there, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (await IsThereAsync(host, uuid, cancellationToken) != there)
        {
            if (TimeProvider.System.GetElapsedTime(since) > patience)
            {
                return false;
            }

            await Task.Delay(Poll, cancellationToken);
        }

        return true;
    }
}
