using System.Net.Sockets;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Remote;

/// <summary>
/// The process between a client on another machine and the guard on this one: it sees to it that a guard answers, says so on its output, and then passes
/// on what comes. It ends when either side does, or when the guard hangs; a new one replaces the guard then.
/// </summary>
internal static class GuardBridge
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Runs until either side ends.</summary>
    /// <returns>0, or 1 when no guard could be started: then the output says why.</returns>
    public static async Task<int> RunAsync(GuardOptions options, IPlatform platform, Stream input, Stream output, CancellationToken cancellationToken)
    {
        var service = WriterPlatform.ReadDocument(options.ServiceFile) with { GuardDirectory = options.GuardDirectory! };
        var starter = new GuardStarter(new GuardClientOptions
        {
            Service = service,
            OwnProgram = platform.OwnProgram,
            Host = platform.CreateHosts(service)["local"],
            UpgradeId = string.Empty,
            Here = options.Here,
        });
        var lines = new JsonLines(output);
        try
        {
            await (await starter.ConnectAsync(cancellationToken)).DisposeAsync();
            await using var guard = new NetworkStream(await GuardConnection.OpenSocketAsync(new GuardFolder(service.GuardDirectory), cancellationToken), ownsSocket: true);
            await lines.WriteAsync(new GuardReply(), GuardJson.Default.GuardReply, cancellationToken);
            await output.FlushAsync(cancellationToken);
            await PassAsync(guard, starter, input, output, cancellationToken);
            return 0;
        }
        catch (UpgradeException error)
        {
            await lines.WriteAsync(GuardReply.Failed(error), GuardJson.Default.GuardReply, cancellationToken);
            return 1;
        }
    }

    private static async Task PassAsync(NetworkStream guard, GuardStarter starter, Stream input, Stream output, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] running = [CopyAsync(input, guard, ending.Token), CopyAsync(guard, output, ending.Token), WatchAsync(starter, ending.Token)];
        await Task.WhenAny(running);

        // One that reads the standard input may never end: the process does.
        await ending.CancelAsync();
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                await to.FlushAsync(cancellationToken);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side is gone.
        }
    }

    private static async Task WatchAsync(GuardStarter starter, CancellationToken cancellationToken)
    {
        try
        {
            while (await starter.AnswersAsync(cancellationToken))
                await Task.Delay(Look, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The bridge ends.
        }
    }
}
