using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>
/// A cmdlet that changes something. It takes the whole pipeline in before it begins, so that two services mixed in one pipeline are
/// refused before anything is touched; it asks, or shows its plan under <c>-WhatIf</c>; and it writes its result last.
/// </summary>
public abstract class ChangeCommand : ServiceCommand
{
    private UpgradeRequest? _request;
    private object? _given;

    /// <summary>What stands in the question and in the plan, such as <c>Close writes of 'orders' …</c>, without a full stop.</summary>
    private protected abstract string Describe(UpgradeRequest request);

    /// <summary>Makes the change and writes the result.</summary>
    private protected abstract void Change(UpgradeRequest request);

    /// <summary>Whether questions are skipped. Safety checks never are.</summary>
    private protected virtual bool IsForced => false;

    /// <summary>Whether the operator has consented earlier in the pipeline.</summary>
    private protected virtual bool IsConsented => false;

    /// <summary>What <c>-WhatIf</c> lists of the plan; nothing when the plan does not cover it.</summary>
    private protected virtual IEnumerable<string> Preview(UpgradePlan plan) => [];

    /// <summary>Takes one cluster in.</summary>
    protected sealed override void ProcessRecord()
    {
        var request = CreateRequest();
        object given = ParameterSetName == ByCluster ? Cluster! : KeyOf(request);
        if (_request is not null)
        {
            throw Failed(Mixed(_request, request, given), given);
        }

        _request = request;
        _given = given;
    }

    /// <summary>Begins when the pipeline has brought everything.</summary>
    protected sealed override void EndProcessing()
    {
        if (_request is not null && IsConfirmed(_request))
        {
            Change(_request);
        }
    }

    /// <summary>Runs an operation of the service.</summary>
    private protected T Run<T>(Func<IReporter, CancellationToken, Task<T>> work) => Run(_given, work);

    private bool IsConfirmed(UpgradeRequest request) =>
        IsAgreed(Describe(request), unasked: IsForced || IsConsented, _given, () => ShowPlan(request));

    private protected virtual void ShowPlan(UpgradeRequest request)
    {
        var plan = Run((reporter, cancellation) => Operations.PlanAsync(request, reporter, cancellation));
        foreach (var line in Preview(plan))
        {
            Show(line);
        }
    }

    private static string KeyOf(UpgradeRequest request) => request.Path ?? request.UpgradeId ?? string.Empty;

    private static UpgradeException Mixed(UpgradeRequest first, UpgradeRequest second, object given) =>
        KeyOf(first) == KeyOf(second)
            ? new UpgradeException(
                "ClusterRepeated",
                $"The pipeline brought the service of '{KeyOf(second)}' twice. Nothing was touched.",
                "Give each service once.",
                FailureCategory.InvalidInput)
            { Target = given }
            : new UpgradeException(
                "MixedServices",
                $"The pipeline brought the services of '{KeyOf(first)}' and of '{KeyOf(second)}'. Nothing was touched.",
                "Upgrade one service in a pipeline; for several, put ForEach-Object around the whole pipeline.",
                FailureCategory.InvalidInput)
            { Target = given };
}
