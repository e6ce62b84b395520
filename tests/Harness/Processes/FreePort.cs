using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StatefulDeploy.Harness.Processes;

/// <summary>Loopback ports that nothing uses.</summary>
public static class FreePort
{
    // Below the range the system takes for outgoing connections: a port from there can be gone before its server binds it.
    private const int First = 12000;
    private const int Last = 32000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that is free now and was not given out before in this process.</summary>
    /// <param name="alsoAbove">Also this much above it a port must be free, as cluster buses need it; 0 for no other.</param>
    public static int Take(int alsoAbove = 0)
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (Given.TryAdd(port, true) && IsFree(port) && (alsoAbove == 0 || IsFree(port + alsoAbove)))
            {
                return port;
            }
        }

        throw new IOException("No free port was found.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
