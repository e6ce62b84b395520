using System.Runtime.InteropServices;
using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Cli;

/// <summary>
/// The processes that the product starts of itself. They are no commands for people: their arguments are passed on as they are, and
/// they start without reading any command line of ours.
/// </summary>
internal sealed class OwnProcesses
{
    private static readonly Dictionary<string, Func<string[], IPlatform, CancellationToken, Task<int>>> Programs = new(StringComparer.Ordinal)
    {
        ["guard"] = (arguments, platform, token) => GuardProgram.RunAsync(GuardOptions.Parse(arguments), platform, token),
        ["keeper"] = (arguments, platform, token) => KeeperProgram.RunAsync(KeeperOptions.Parse(arguments), platform, UpgradeOperations.ForKeeper, token),
        ["worker"] = RunWorkerAsync,
    };

    private readonly Func<CancellationToken, Task<int>> _run;

    private OwnProcesses(Func<CancellationToken, Task<int>> run) => _run = run;

    /// <summary>The process that the arguments name; null when they are a command for people.</summary>
    public static OwnProcesses? Find(string[] arguments) =>
        arguments is [var name, ..] && Programs.TryGetValue(name, out var program)
            ? new OwnProcesses(token => program(arguments[1..], Composition.Platform.Create(), token))
            : null;

    /// <summary>Runs until its work is done or it is asked to end.</summary>
    public async Task<int> RunAsync()
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await _run(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
        catch (UpgradeException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.ErrorId}: {exception.Message} {exception.RecommendedAction}");
            return ExitCode.Of(exception.Category);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static Task<int> RunWorkerAsync(string[] arguments, IPlatform platform, CancellationToken cancellationToken)
    {
        if (arguments is not [var engineName, var workerName, var file])
            throw new UpgradeException("InvalidWorker", "Expected: worker ENGINE NAME FILE.", "This process is started by the product itself.", FailureCategory.InvalidInput);

        var worker = platform.FindEngine(engineName).Workers.FirstOrDefault(worker => worker.Name == workerName)
            ?? throw new UpgradeException("InvalidWorker", $"The engine '{engineName}' has no worker '{workerName}'.", "This process is started by the product itself.", FailureCategory.InvalidInput);
        return worker.RunAsync(file, platform, cancellationToken);
    }
}
