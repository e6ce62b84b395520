using System.Management.Automation;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Errors;

/// <summary>The one place where failures become error records: a stable id, a category, the thing at fault and what to do.</summary>
internal static class UpgradeErrorRecord
{
    private const string DefectAction = "This is a defect of StatefulDeploy, not of your input. Look at where the upgrade is with Get-StatefulUpgrade, and report the error's Exception and ScriptStackTrace.";

    /// <summary>The error record of any exception.</summary>
    public static ErrorRecord From(Exception exception, object? target) =>
        Find(exception) is { } failure ? FromFailure(failure, target) : FromDefect(exception, target);

    /// <summary>The error category of a kind of failure.</summary>
    public static ErrorCategory CategoryOf(FailureCategory category) => category switch
    {
        FailureCategory.InvalidInput => ErrorCategory.InvalidArgument,
        FailureCategory.NotFound => ErrorCategory.ObjectNotFound,
        FailureCategory.WrongState or FailureCategory.Refused => ErrorCategory.InvalidOperation,
        FailureCategory.Busy or FailureCategory.StaleEpoch => ErrorCategory.ResourceBusy,
        FailureCategory.Unreachable => ErrorCategory.ConnectionError,
        FailureCategory.AccessDenied => ErrorCategory.PermissionDenied,
        FailureCategory.Capacity => ErrorCategory.ResourceUnavailable,
        FailureCategory.Damaged => ErrorCategory.InvalidData,
        FailureCategory.Timeout => ErrorCategory.OperationTimeout,
        _ => ErrorCategory.OperationStopped,
    };

    private static ErrorRecord FromFailure(UpgradeException failure, object? target) =>
        new(failure, failure.ErrorId, CategoryOf(failure.Category), failure.Target ?? target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = failure.RecommendedAction },
        };

    private static ErrorRecord FromDefect(Exception exception, object? target) =>
        new(exception, "UnexpectedFailure", ErrorCategory.NotSpecified, target)
        {
            ErrorDetails = new ErrorDetails($"{exception.GetType().Name}: {exception.Message}") { RecommendedAction = DefectAction },
        };

    private static UpgradeException? Find(Exception exception) => exception switch
    {
        UpgradeException failure => failure,
        AggregateException { InnerExceptions.Count: 1 } one => Find(one.InnerExceptions[0]),
        System.Reflection.TargetInvocationException { InnerException: { } inner } => Find(inner),
        _ => null,
    };
}
