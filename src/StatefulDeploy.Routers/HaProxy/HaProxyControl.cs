using System.Net.Sockets;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.HaProxy;

/// <summary>HAProxy's runtime API ("Management Guide", section 9.3): a connection a request, which HAProxy closes after its answer.</summary>
internal sealed class HaProxyControl(string address)
{
    // It answers from memory; who is silent for longer than this hangs, and the window is not spent on it.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    /// <summary>Sends commands, and reads the answer to all of them.</summary>
    /// <exception cref="UpgradeException">It does not answer, or does not allow them.</exception>
    public async Task<string> AskAsync(IEnumerable<string> commands, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        try
        {
            await using var stream = await ControlSocket.ConnectAsync(address, limit.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join(';', commands) + "\n"), limit.Token);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var answer = await reader.ReadToEndAsync(limit.Token);
            return answer.Contains("Permission denied", StringComparison.Ordinal)
                ? throw new UpgradeException("HaProxyAccess", $"The runtime API at {address} does not allow changes.", "Give its 'stats socket' the level admin.", FailureCategory.AccessDenied) { Target = address }
                : answer;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new UpgradeException("HaProxyUnreachable", $"HAProxy does not answer at {address}: {exception.Message}", "Check that it runs, and that 'admin' of the router is the address of its 'stats socket'.", FailureCategory.Unreachable, exception) { Target = address };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpgradeException("HaProxyTimeout", $"HAProxy at {address} did not answer within {AnswerWithin.TotalSeconds:0} s.", "Check that it runs.", FailureCategory.Timeout) { Target = address };
        }
    }

    /// <summary>A table, as <c>show servers state</c> and <c>show stat</c> give it: its header begins with a hash.</summary>
    /// <returns>Rows by column name.</returns>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> ReadTableAsync(string command, char separator, CancellationToken cancellationToken)
    {
        var lines = (await AskAsync([command], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var header = Array.FindIndex(lines, line => line.StartsWith('#'));
        if (header < 0)
            return [];

        var names = lines[header].TrimStart('#', ' ').Split(separator);
        return [.. lines.Skip(header + 1).Select(line => names.Zip(line.Split(separator)).GroupBy(pair => pair.First, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Second, StringComparer.Ordinal))];
    }
}
