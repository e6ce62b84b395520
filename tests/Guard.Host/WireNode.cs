using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Host;

/// <summary>A warm connection to something of the test's that answers lines with lines: a pretended node or router.</summary>
public sealed class WireNode : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TcpClient? _client;
    private StreamReader? _reader;

    public async Task<string> AskAsync(NodeEndpoint endpoint, string line, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_client is null)
            {
                _client = new TcpClient { NoDelay = true };
                await _client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
                _reader = new StreamReader(_client.GetStream());
            }

            await _client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);
            return await _reader!.ReadLineAsync(cancellationToken) ?? throw new IOException("closed");
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // Bytes may be under way on the old connection: it stays open at the node until it is revoked, as a real one would.
            _client = null;
            if (error is OperationCanceledException)
                throw;

            throw new UpgradeException("NodeUnreachable", $"{endpoint}: {error.Message}", "Start it.", FailureCategory.Unreachable, error);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        _client?.Dispose();
    }
}
