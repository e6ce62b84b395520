using System.Management.Automation;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Compares all data of blue and green, whatever their versions.</summary>
[Cmdlet(VerbsData.Compare, "ClusterData", DefaultParameterSetName = ByPath)]
[OutputType(typeof(ComparisonResult))]
public sealed class CompareClusterDataCommand : ReadCommand
{
    /// <summary>Differences reported in full; all are counted.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxDifferences { get; set; } = 100;

    /// <summary>Expiry times may differ by this much.</summary>
    [Parameter]
    [Duration]
    public TimeSpan ExpiryTolerance { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A file in which progress is kept, so that a comparison that was stopped goes on.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CheckpointPath { get; set; }

    private protected override void Read(UpgradeRequest request)
    {
        var options = new ComparisonOptions
        {
            MaxDifferences = MaxDifferences,
            ExpiryTolerance = ExpiryTolerance,
            CheckpointFile = CheckpointPath is null ? null : FullPath(CheckpointPath),
        };
        WriteObject(Run((reporter, cancellation) => Operations.CompareAsync(request, options, reporter, cancellation)));
    }
}
