using System.CommandLine;
using StatefulDeploy.Cli.Output;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>report</c>: writes what an upgrade did, as a page and as a document.</summary>
internal static class ReportCommand
{
    public static Command Create(CliServices services)
    {
        var document = new Option<string?>("--document") { Description = "Where the JSON document goes.", HelpName = "FILE" };
        var html = new Option<string?>("--html") { Description = "Where the self-contained page goes.", HelpName = "FILE" };
        var command = new Command("report", "Write what an upgrade did as a self-contained HTML page, a JSON document, or both.") { html, document };
        var options = new ServiceOptions().AddService(command, required: false).AddUpgrade(command);
        return CommandRun.Bind(command, services, async (run, cancellationToken) =>
        {
            var (page, data) = (Full(run.Parsed.GetValue(html)), Full(run.Parsed.GetValue(document)));
            if (page is null && data is null)
                throw new UpgradeException("ReportPathMissing", "Neither --html nor --document was given.", "Say where the report goes with --html FILE, --document FILE, or both.", FailureCategory.InvalidInput);

            var summary = await run.Operations.ExportReportAsync(options.Read(run.Parsed), page, data, cancellationToken);
            run.Print(summary, SummaryText.Write);
            return ExitCode.Success;
        });
    }

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
