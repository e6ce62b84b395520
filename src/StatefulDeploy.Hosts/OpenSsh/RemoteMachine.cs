using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>What a host has to give: disk, memory, processors and TCP ports.</summary>
internal sealed class RemoteMachine(SshHostOptions options, SshCommand commands)
{
    // Below the range that systems take for outgoing connections: a port from there can be gone before its server binds it.
    private const int FirstPort = 20000;
    private const int LastPort = 32000;
    private const int Listening = 0x0A;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // A port found free is not taken yet: it is not given to a second asker of this process.
    private static readonly ConcurrentDictionary<(string Host, int Port), bool> Given = new();

    private const string Capacity = """
        f=$1
        while ! $S test -d "$f"; do [ "$f" != / ] || exit 1; f=$(dirname -- "$f"); done
        stat -f -c '%a %S' -- "$f" && getconf _NPROCESSORS_ONLN && sed -n 's/^MemAvailable: *//p' /proc/meminfo
        """;

    /// <summary>The address by its number, the host's own addresses where it can tell, an empty line, and what listens.</summary>
    private const string Sockets = """
        getent ahosts "$1" | sed -n '1s/ .*//p'
        ip -o addr 2> /dev/null | sed -n 's|.* inet6* \([^ /]*\).*|\1|p'
        echo
        cat /proc/net/tcp /proc/net/tcp6 2> /dev/null
        id -u
        """;

    public async Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken)
    {
        var result = await commands.RunScriptAsync(Capacity, [path], null, Limit, cancellationToken);
        var words = result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return result.ExitCode == 0 && words.Length >= 4
            ? new HostCapacity(Number(words[0]) * Number(words[1]), Number(words[3]) * 1024, (int)Number(words[2]))
            : throw new UpgradeException("HostNotMeasured", $"Host '{options.Name}' does not tell its capacity for '{path}': {SshFailure.LastLine(result.Error)}", "See what stat -f, getconf and /proc/meminfo say there.") { Target = options.Name };
    }

    public async Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken)
    {
        var (resolved, taken, isRoot) = await ListenersAsync(address, cancellationToken);
        return port >= 1024 || isRoot || options.Sudo
            ? !IsTaken(taken, resolved, port)
            : throw new UpgradeException("PortNotPermitted", $"Port {port} of {address} may not be used by the user of ssh on host '{options.Name}'.", "Choose a port from 1024 on.", FailureCategory.AccessDenied) { Target = port };
    }

    public async Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken)
    {
        var (resolved, taken, _) = await ListenersAsync(address, cancellationToken);
        for (var port = Random.Shared.Next(FirstPort, LastPort); ; port = port == LastPort ? FirstPort : port + 1)
        {
            if (!IsTaken(taken, resolved, port) && Given.TryAdd((options.Name, port), true))
                return port;

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Whether a socket that listens keeps another from the same port: on the same address, or where either is all addresses.</summary>
    private static bool IsTaken(IEnumerable<IPEndPoint> listeners, IPAddress address, int port) =>
        listeners.Any(listener => listener.Port == port && (listener.Address.Equals(address) || IsAny(listener.Address) || IsAny(address)));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private async Task<(IPAddress Address, IReadOnlyList<IPEndPoint> Listeners, bool IsRoot)> ListenersAsync(string address, CancellationToken cancellationToken)
    {
        var lines = (await commands.RunScriptAsync(Sockets, [address], null, Limit, cancellationToken)).Output.Split('\n', StringSplitOptions.TrimEntries);
        var end = Array.IndexOf(lines, string.Empty);
        var addresses = lines[..Math.Max(end, 0)].Select(line => IPAddress.TryParse(line, out var parsed) ? parsed : null).OfType<IPAddress>().ToList();
        if (addresses.Count == 0 || (addresses.Count > 1 && !IsAny(addresses[0]) && !IPAddress.IsLoopback(addresses[0]) && !addresses.Skip(1).Contains(addresses[0])))
            throw new UpgradeException("AddressNotHere", $"'{address}' is not an address of host '{options.Name}'.", "Name an address of that host in the service file.", FailureCategory.InvalidInput) { Target = address };

        return (addresses[0], [.. lines[end..].Select(Listener).OfType<IPEndPoint>()], lines.Last(line => line.Length > 0) == "0");
    }

    /// <summary>A line of /proc/net/tcp: number, local address, remote address, state (man 5 proc).</summary>
    private static IPEndPoint? Listener(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4 || !int.TryParse(words[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var state) || state != Listening)
            return null;

        var local = words[1].Split(':');
        var address = new IPAddress(Bytes(local[0]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>Words of 32 bits in the byte order of the host, which is little-endian wherever .NET's servers run.</summary>
    private static byte[] Bytes(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        for (var at = 0; at < bytes.Length; at += 4)
            Array.Reverse(bytes, at, 4);

        return bytes;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
