using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Writes an upgrade's report: a self-contained page for people, a JSON document for programs.</summary>
[Cmdlet(VerbsData.Export, "UpgradeReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = ByPath)]
[OutputType(typeof(UpgradeSummary))]
public sealed class ExportUpgradeReportCommand : ChangeCommand
{
    /// <summary>Where the page goes; SERVICE-upgrade.html here when neither page nor document is asked for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HtmlPath { get; set; }

    /// <summary>Where the document goes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JsonPath { get; set; }

    /// <summary>Refuses to replace a file that exists.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    private string? Page => HtmlPath is null && JsonPath is null ? FullPath($"{ServiceName}-upgrade.html") : Full(HtmlPath);

    private protected override string Describe(UpgradeRequest request) =>
        $"Write the report of the upgrade of '{ServiceName}' to {string.Join(" and ", new[] { Page, Full(JsonPath) }.OfType<string>())}";

    private protected override void Change(UpgradeRequest request)
    {
        string? page = Page, document = Full(JsonPath);
        RefuseExisting(page);
        RefuseExisting(document);
        WriteObject(Run((_, cancellation) => Operations.ExportReportAsync(request, page, document, cancellation)));
    }

    private string? Full(string? path) => path is null ? null : FullPath(path);

    private void RefuseExisting(string? path)
    {
        if (NoClobber && File.Exists(path))
        {
            throw Failed(new UpgradeException("ReportExists", $"'{path}' exists already.", "Leave -NoClobber out, or name another file.", FailureCategory.InvalidInput) { Target = path }, path);
        }
    }
}
