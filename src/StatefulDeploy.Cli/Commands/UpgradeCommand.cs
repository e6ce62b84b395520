using System.CommandLine;
using StatefulDeploy.Cli.Output;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>upgrade</c>: runs the workflow, all of it or up to a stretch.</summary>
internal static class UpgradeCommand
{
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

            request = request with { Until = end == UpgradeStretch.Everything ? null : end };
            var title = $"upgrade {Path.GetFileName(request.Path)}";
            var cluster = await run.ShowAsync(title, reporter => run.Operations.RunAsync(UpgradeStretch.Everything, request, reporter, cancellationToken));
            run.Print(cluster, ClusterText.Write);
            return ExitCode.Success;
        });
    }
}
