using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Local;

/// <summary>TCP ports of this machine.</summary>
internal static class LocalPorts
{
    // A port found free is not taken yet: it is not given to a second asker of this process.
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    public static async Task<bool> IsFreeAsync(string address, int port, CancellationToken cancellationToken)
    {
        using var listener = TryListen(await ResolveAsync(address, cancellationToken), port, address);
        return listener is not null;
    }

    public static async Task<int> FindFreeAsync(string address, CancellationToken cancellationToken)
    {
        var resolved = await ResolveAsync(address, cancellationToken);
        while (true)
        {
            using var listener = TryListen(resolved, 0, address);
            if (listener?.LocalEndPoint is IPEndPoint { Port: var port } && Given.TryAdd(port, true))
                return port;

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static Socket? TryListen(IPAddress address, int port, string name)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            return error.SocketErrorCode == SocketError.AddressAlreadyInUse ? null : throw Refused(name, port, error);
        }
    }

    private static async Task<IPAddress> ResolveAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(address, cancellationToken))[0];
        }
        catch (SocketException error)
        {
            throw Refused(address, 0, error);
        }
    }

    private static UpgradeException Refused(string address, int port, SocketException error) => error.SocketErrorCode == SocketError.AccessDenied
        ? new UpgradeException("PortNotPermitted", $"Port {port} of {address} may not be used by this user.", "Choose a port from 1024 on.", FailureCategory.AccessDenied, error) { Target = port }
        : new UpgradeException("AddressNotHere", $"'{address}' is not an address of this machine: {error.Message}.", "Name an address of this machine in the service file.", FailureCategory.InvalidInput, error) { Target = address };
}
