using System.Management.Automation;
using StatefulDeploy.Cmdlets.Bridge;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Errors;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Reads service files and asks their nodes how they are. Touches nothing.</summary>
[Cmdlet(VerbsCommon.Get, "StatefulCluster", DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class GetStatefulClusterCommand : AsyncCommand
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    /// <summary>The files that describe the services; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPath)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceFileCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>The files that describe the services, taken as they are.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Writes a cluster for each file; a file that fails is an error of its own.</summary>
    protected override void ProcessRecord()
    {
        var files = ParameterSetName == ByLiteralPath
            ? LiteralPath.Select(SessionState.Path.GetUnresolvedProviderPathFromPSPath)
            : Path.SelectMany(Matches);
        foreach (var file in files)
        {
            WriteClusterOf(file);
        }
    }

    private IEnumerable<string> Matches(string path) => WildcardPattern.ContainsWildcardCharacters(path)
        ? SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _)
        : [SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)];

    private void WriteClusterOf(string file)
    {
        try
        {
            WriteObject(RunToEnd((reporter, cancellation) => Operations.GetClusterAsync(new UpgradeRequest { Path = file }, reporter, cancellation)));
        }
        catch (Exception exception) when (!IsPowerShell(exception))
        {
            WriteError(UpgradeErrorRecord.From(exception, file));
        }
    }
}
