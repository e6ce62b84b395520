using StatefulDeploy.Contracts;

namespace StatefulDeploy.Machines;

/// <summary>Waits until a machine that was just made answers, and has done what it does at its first start.</summary>
/// <param name="clock">The clock.</param>
/// <param name="reporter">Where risks are told.</param>
internal sealed class HostReadiness(TimeProvider clock, IReporter reporter)
{
    // docs.cloud-init.io: 'status --wait' ends with 0 when all was done, with 1 when something failed, with 2 when it was done with warnings.
    private const string FirstStart = "command -v cloud-init > /dev/null || exit 0; cloud-init status --wait --long";
    private const int DoneWithWarnings = 2;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>How long a machine may take to answer. Images boot within a minute or two.</summary>
    public TimeSpan AnswerPatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long its first start may take.</summary>
    public TimeSpan FirstStartPatience { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Waits for one.</summary>
    /// <exception cref="UpgradeException">It does not answer in time, shows a key that ssh does not know, or its first start failed.</exception>
    public async Task WaitAsync(IHost host, CancellationToken cancellationToken)
    {
        await WaitForAnswerAsync(host, cancellationToken);
        var result = await host.RunAsync(new HostCommand("sh", "-c", FirstStart) { Timeout = FirstStartPatience }, cancellationToken);
        if (result.ExitCode == DoneWithWarnings)
            reporter.Report(new ReportEvent(ReportLevel.Warning, $"cloud-init on host '{host.Name}' has ended with warnings: {OneLine(result.Output)}"));
        else if (result.ExitCode != 0)
            throw new UpgradeException("FirstStartFailed", $"cloud-init on host '{host.Name}' has failed: {OneLine(result.Output)} {OneLine(result.Error)}".TrimEnd(), "See /var/log/cloud-init-output.log there; correct what the machine runs at its first start (azure.green.cloudInit).") { Target = host.Name };
    }

    private async Task WaitForAnswerAsync(IHost host, CancellationToken cancellationToken)
    {
        for (var since = clock.GetTimestamp(); ; await Task.Delay(Poll, clock, cancellationToken))
        {
            try
            {
                await host.RunAsync(new HostCommand("true"), cancellationToken);
                return;
            }
            catch (UpgradeException error) when (MayPass(error) && clock.GetElapsedTime(since) < AnswerPatience)
            {
                reporter.Report(new ReportEvent(ReportLevel.Verbose, $"Waiting for host '{host.Name}': {error.Message}"));
            }
        }
    }

    // While it boots nobody listens, and its users come with its first start.
    private static bool MayPass(UpgradeException error) => error.Category is FailureCategory.Unreachable or FailureCategory.Timeout || error.ErrorId == "HostAccessRefused";

    private static string OneLine(string text) => string.Join("; ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
