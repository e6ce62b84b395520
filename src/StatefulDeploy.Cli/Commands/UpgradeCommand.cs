using System.CommandLine;
using StatefulDeploy.Cli.Output;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>upgrade</c>: runs the workflow, all of it or up to a stretch.</summary>
internal static class UpgradeCommand
{
    private static readonly UpgradeStretch[] Order =
        [UpgradeStretch.NewGreen, UpgradeStretch.StartReplication, UpgradeStretch.WaitReplication, UpgradeStretch.Verify, UpgradeStretch.Switch];

    private static readonly Dictionary<string, UpgradeStretch?> Ends = new(StringComparer.Ordinal)
    {
        ["provision"] = UpgradeStretch.NewGreen,
        ["replicate"] = UpgradeStretch.StartReplication,
        ["catch-up"] = UpgradeStretch.WaitReplication,
        ["verify"] = UpgradeStretch.Verify,
        ["switch"] = UpgradeStretch.Switch,
        ["retire"] = UpgradeStretch.Everything,
    };

    public static Command Create(CliServices services)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Confirm the switch beforehand." };
        var through = ServiceOptions.Words("--through", "Stop after this step instead of after retirement.", Ends);
        var command = new Command("upgrade", "Upgrade the service. Steps that are done already are checked and skipped.") { through, yes };
        var options = new ServiceOptions().AddService(command, required: true).AddOverrides(command);
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var request = options.Read(run.Parsed);
            var end = run.Parsed.GetValue(through) ?? UpgradeStretch.Everything;
            if (end is UpgradeStretch.Switch or UpgradeStretch.Everything)
            {
                run.Confirm(run.Parsed.GetValue(yes), $"Switch traffic of the service in {request.Path} to the new version?");
                request = request with { Consent = request.Consent with { Switch = true } };
            }

            var title = $"upgrade {Path.GetFileName(request.Path)}";
            var cluster = await run.ShowAsync(title, reporter => RunAsync(run.Operations, end, request, reporter, cancellationToken));
            run.Print(cluster, ClusterText.Write);
            return ExitCode.Success;
        });
    }

    private static async Task<Model.StatefulCluster> RunAsync(IUpgradeOperations operations, UpgradeStretch end, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        if (end != UpgradeStretch.Everything)
        {
            foreach (var stretch in Order.TakeWhile(stretch => stretch != end))
                await operations.RunAsync(stretch, request, reporter, cancellationToken);
        }

        return await operations.RunAsync(end, request, reporter, cancellationToken);
    }
}
