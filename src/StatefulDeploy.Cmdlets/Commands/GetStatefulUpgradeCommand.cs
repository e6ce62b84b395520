using System.Management.Automation;
using StatefulDeploy.Cmdlets.Bridge;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Lists upgrades as their journals tell them, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "StatefulUpgrade")]
[OutputType(typeof(UpgradeSummary))]
public sealed class GetStatefulUpgradeCommand : AsyncCommand
{
    /// <summary>The file of the service whose upgrades are listed; every one of this machine's default place when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceFileCompleter))]
    public string? Path { get; set; }

    /// <summary>Only upgrades of services of this name; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceNameCompleter))]
    public string Service { get; set; } = "*";

    /// <summary>Only the upgrade of this id; wildcards are allowed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UpgradeIdCompleter))]
    public string? UpgradeId { get; set; }

    /// <summary>Only upgrades of this engine.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(EngineCompleter))]
    public string? Engine { get; set; }

    /// <summary>Only upgrades in one of these states of work.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public UpgradeStatus[]? Status { get; set; }

    /// <summary>The folder of journals, or the address of a shared one; the service's own, or the user's default, when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StateDirectory { get; set; }

    /// <summary>Writes the upgrades that match.</summary>
    protected override void ProcessRecord()
    {
        var request = new UpgradeRequest { Path = Resolve(Path), StateDirectory = JournalPlace.Resolve(StateDirectory, SessionState.Path.GetUnresolvedProviderPathFromPSPath) };
        var upgrades = Run(Path, (_, cancellation) => Operations.ListUpgradesAsync(request, cancellation));
        WriteObject(upgrades.Where(IsMeant), enumerateCollection: true);
    }

    private string? Resolve(string? path) => path is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    private bool IsMeant(UpgradeSummary upgrade) =>
        Like(Service, upgrade.Service)
        && Like(UpgradeId, upgrade.UpgradeId)
        && (Engine is null || string.Equals(Engine, upgrade.Engine, StringComparison.OrdinalIgnoreCase))
        && (Status is null || Status.Contains(upgrade.Status));

    private static bool Like(string? pattern, string text) =>
        string.IsNullOrEmpty(pattern) || WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(text);
}
