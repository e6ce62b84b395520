using System.Net.Sockets;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Workflow;

/// <summary>Makes of whatever failed a failure that a person can act on. What only a mistake in our own code throws stays what it is.</summary>
internal static class Failures
{
    /// <summary>What is decided for a window stands on a host that cannot be reached.</summary>
    internal const string WindowUnknown = "WindowUnknown";

    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Runs an act; its failures are <see cref="UpgradeException"/>s.</summary>
    /// <exception cref="UpgradeException">It failed.</exception>
    internal static async Task<T> ExplainAsync<T>(string what, Func<Task<T>> act, CancellationToken cancellationToken)
    {
        try
        {
            return await act();
        }
        catch (Exception exception) when (Find(what, exception, cancellationToken) is not null)
        {
            throw Find(what, exception, cancellationToken)!;
        }
    }

    /// <summary>Whether a host is cut off, and only its coming back can help.</summary>
    internal static bool IsCutOff(UpgradeException error) => error.ErrorId is WindowUnknown or "HostUnreachable" or "HostConnectionLost";

    /// <summary>Whether the world and not our code has failed, so that it may go better the next time.</summary>
    internal static bool IsOfTheWorld(Exception exception) =>
        exception is UpgradeException or OperationCanceledException or TimeoutException or SocketException or IOException or UnauthorizedAccessException or AggregateException
        || IsAnswer(exception);

    /// <summary>The failure that an exception is told as; null when it is told already, was asked for, or is a mistake of ours.</summary>
    internal static UpgradeException? Find(string what, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        UpgradeException => null,
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        OperationCanceledException or TimeoutException =>
            Of("NoAnswerInTime", what, "something did not answer in time", exception, "Find out which node, host or router is slow or gone, then do it again.", FailureCategory.Timeout),
        UnauthorizedAccessException =>
            Of("AccessDenied", what, exception.Message, exception, "Give this account the right, or use another one.", FailureCategory.AccessDenied),
        FileNotFoundException or DirectoryNotFoundException =>
            Of("FileMissing", what, exception.Message, exception, "See whether the file or folder was removed.", FailureCategory.NotFound),
        IOException { HResult: NoSpaceLeft or QuotaExceeded } =>
            Of("DiskFull", what, exception.Message, exception, "Make room, then do it again.", FailureCategory.Capacity),
        _ when exception.GetBaseException() is SocketException =>
            Of("ConnectionFailed", what, exception.Message, exception, "See whether the node, host or router runs and can be reached.", FailureCategory.Unreachable),
        IOException =>
            Of("InputOutputFailed", what, exception.Message, exception, "Mend what the message names, then do it again.", FailureCategory.OperationFailed),
        _ when IsAnswer(exception) =>
            Of("RequestFailed", what, exception.Message, exception, "Mend what the message names, then do it again.", FailureCategory.OperationFailed),
        _ => null,
    };

    // The exceptions of engines and hosts for what a server answered are their own, and none of the runtime's.
    private static bool IsAnswer(Exception exception) => exception.GetType().Assembly != typeof(object).Assembly && exception is not SystemException;

    private static UpgradeException Of(string errorId, string what, string message, Exception cause, string action, FailureCategory category) =>
        new(errorId, $"{what} failed: {message.TrimEnd('.')}.", action, category, cause);
}
