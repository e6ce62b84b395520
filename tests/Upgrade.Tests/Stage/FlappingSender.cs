using System.Globalization;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>Ends the processes by which a PostgreSQL sends its changes, again and again, for a few seconds: the connection of its follower flaps.</summary>
internal sealed class FlappingSender : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(600);
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(3));
    private readonly Task _running;

    public FlappingSender(PostgresServer server)
    {
        End(server);
        _running = RunAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(PostgresServer server)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            End(server);
        }
    }

    private static void End(PostgresServer server)
    {
        foreach (var id in Read($"/proc/{server.Process.Id}/task/{server.Process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Read($"/proc/{id}/cmdline").Contains("walsender", StringComparison.Ordinal))
            {
                Signals.End(int.Parse(id, CultureInfo.InvariantCulture));
            }
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return string.Empty; // It ended meanwhile.
        }
    }
}
