using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Physical;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>The copy as a process of its own.</summary>
internal sealed class CopyWorker : IEngineWorker
{
    /// <summary>The name of the worker.</summary>
    public const string WorkerName = "copy";

    private static readonly TimeSpan SaysEvery = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Name => WorkerName;

    /// <inheritdoc/>
    public async Task<int> RunAsync(string specificationFile, IPlatform platform, CancellationToken cancellationToken)
    {
        CopySpecification specification = ModelJson.Read<CopySpecification>(await File.ReadAllTextAsync(specificationFile, cancellationToken));
        EngineContext context = new()
        {
            Service = specification.Service,
            Source = specification.Source,
            Target = specification.Target,
            UpgradeId = specification.UpgradeId,
            Hosts = platform.CreateHosts(specification.Service),
            Secrets = platform.CreateSecrets(specification.Service),
            OwnProgram = platform.OwnProgram,
            Reporter = new ConsoleReporter(),
        };
        return await RunAsync(context, Path.GetDirectoryName(specificationFile)!, cancellationToken) ? 0 : 1;
    }

    private static async Task<bool> RunAsync(EngineContext context, string folder, CancellationToken cancellationToken)
    {
        CopyMeter meter = new();
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task saying = SayAsync(meter, context, folder, ended.Token);
        string failure = string.Empty;
        try
        {
            await (await PhysicalRecord.FindAsync(context, cancellationToken) is null ? new ClusterCopy(context, meter).RunAsync(cancellationToken) : new PhysicalCopy(context, meter).RunAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever ends this process is told by those who look at it.
            failure = exception is UpgradeException known ? $"{known.Message} {known.RecommendedAction}" : $"{exception.GetType().Name}: {exception.Message}";
            context.Reporter.Report(new ReportEvent(ReportLevel.Warning, exception.ToString()));
        }

        await ended.CancelAsync();
        await saying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CopyProcess.SaveAsync(new CopyState(meter.Done, meter.Total, failure, meter.Stage), folder, context.Hosts["local"], CancellationToken.None);
        return failure.Length == 0;
    }

    private static async Task SayAsync(CopyMeter meter, EngineContext context, string folder, CancellationToken cancellationToken)
    {
        for (; ; await Task.Delay(SaysEvery, context.Clock, cancellationToken))
        {
            await CopyProcess.SaveAsync(new CopyState(meter.Done, meter.Total, string.Empty, meter.Stage), folder, context.Hosts["local"], cancellationToken);
        }
    }

    // The process's output is its log.
    private sealed class ConsoleReporter : IReporter
    {
        public void Report(ReportEvent reportEvent) => Console.Error.WriteLine($"{reportEvent.Level}: {reportEvent.Message}");
    }
}
