using System.Management.Automation;
using StatefulDeploy.Cmdlets.Bridge;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>A cmdlet about one service: given by its cluster from the pipeline, or by the file that describes it.</summary>
public abstract class ServiceCommand : AsyncCommand
{
    /// <summary>The parameter set in which the service is given by its file, an upgrade's id, or both.</summary>
    internal const string ByPath = "Path";

    /// <summary>The parameter set in which the service is given by its cluster.</summary>
    internal const string ByCluster = "Cluster";

    /// <summary>The file that describes the service.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPath)]
    [Alias("FullName")]
    [ArgumentCompleter(typeof(ServiceFileCompleter))]
    public string? Path { get; set; }

    /// <summary>The upgrade; the service's newest one when left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByPath)]
    [ArgumentCompleter(typeof(UpgradeIdCompleter))]
    public string? UpgradeId { get; set; }

    /// <summary>The folder of journals, or the address of a shared one; the service's own, or the user's default, when left out.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [ValidateNotNullOrEmpty]
    public string? StateDirectory { get; set; }

    /// <summary>The cluster, as an earlier cmdlet wrote it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByCluster)]
    [ValidateNotNull]
    public StatefulCluster? Cluster { get; set; }

    /// <summary>The name of the service bound now, for people.</summary>
    private protected virtual string ServiceName => ParameterSetName == ByCluster
        ? Cluster!.Service
        : string.IsNullOrEmpty(Path) ? UpgradeId ?? string.Empty : NameOf(ServicePart.Split(Path));

    /// <summary>What is asked of the operations for the service bound now.</summary>
    private protected virtual UpgradeRequest CreateRequest() => ParameterSetName == ByCluster
        ? new UpgradeRequest { Path = Cluster!.Path, UpgradeId = Cluster.UpgradeId, TargetVersion = Cluster.TargetVersion, Consent = Cluster.Consent }
        : CreateRequestByName();

    private UpgradeRequest CreateRequestByName()
    {
        if (string.IsNullOrEmpty(Path) && string.IsNullOrEmpty(UpgradeId))
        {
            throw Failed(
                new UpgradeException("ServiceMissing", "No service was given.", "Give the service's file with -Path, an upgrade with -UpgradeId, or pipe a cluster in, as Get-StatefulCluster writes it.", FailureCategory.InvalidInput),
                target: null);
        }

        return new UpgradeRequest
        {
            Path = string.IsNullOrEmpty(Path) ? null : FullPath(Path),
            UpgradeId = string.IsNullOrEmpty(UpgradeId) ? null : UpgradeId,
            StateDirectory = JournalPlace.Resolve(StateDirectory, FullPath),
        };
    }

    private static string NameOf((string File, string? Shard) service) =>
        System.IO.Path.GetFileNameWithoutExtension(service.File) + (service.Shard is { } shard ? $"-{shard}" : string.Empty);

    /// <summary>Asks whether to go on, as PowerShell's preferences and switches have it; under <c>-WhatIf</c> shows what would be done and does not.</summary>
    /// <param name="description">What stands in the question, without a full stop.</param>
    /// <param name="unasked">Whether the operator has consented already.</param>
    /// <param name="target">What an error is about.</param>
    /// <param name="preview">What <c>-WhatIf</c> shows besides.</param>
    private protected bool IsAgreed(string description, bool unasked, object? target, Action preview)
    {
        if (!IsWhatIf && !IsAskedFor && unasked)
        {
            return true;
        }

        try
        {
            if (ShouldProcess(description + ".", description + "?", "StatefulDeploy", out var reason))
            {
                return true;
            }

            if (reason.HasFlag(ShouldProcessReason.WhatIf))
            {
                preview();
            }

            return false;
        }
        catch (PSInvalidOperationException exception)
        {
            throw Failed(NobodyToAsk(exception), target);
        }
    }

    /// <summary>Shows a line under <c>-WhatIf</c>.</summary>
    private protected void Show(string line) => ShouldProcess(line, line, "StatefulDeploy");

    private bool IsWhatIf => Says("WhatIf") ?? LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private bool IsAskedFor => Says("Confirm") == true;

    private bool? Says(string switchName) =>
        MyInvocation.BoundParameters.TryGetValue(switchName, out var value) ? LanguagePrimitives.IsTrue(value) : null;

    private UpgradeException NobodyToAsk(PSInvalidOperationException cause) => new(
        "ConfirmationNeeded",
        $"{MyInvocation.MyCommand.Name} asks before it acts, and nobody can be asked here: {cause.Message}",
        "In a script, consent with -Confirm:$false or -Force. Look at the plan first with -WhatIf.",
        FailureCategory.InvalidInput,
        cause);
}
