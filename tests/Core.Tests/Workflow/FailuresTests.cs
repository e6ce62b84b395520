using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Core.Tests.Workflow;

/// <summary>Whatever the world does is told as a failure that a person can act on; a mistake of ours is not hidden behind one.</summary>
public sealed class FailuresTests
{
    public static TheoryData<Exception, string, FailureCategory> OfTheWorld => new()
    {
        { new TimeoutException("no answer"), "NoAnswerInTime", FailureCategory.Timeout },
        { new OperationCanceledException(), "NoAnswerInTime", FailureCategory.Timeout },
        { new SocketException((int)SocketError.ConnectionRefused), "ConnectionFailed", FailureCategory.Unreachable },
        { new IOException("broken", new SocketException((int)SocketError.ConnectionReset)), "ConnectionFailed", FailureCategory.Unreachable },
        { new IOException("No space left on device", 28), "DiskFull", FailureCategory.Capacity },
        { new IOException("odd"), "InputOutputFailed", FailureCategory.OperationFailed },
        { new FileNotFoundException("gone"), "FileMissing", FailureCategory.NotFound },
        { new UnauthorizedAccessException("no"), "AccessDenied", FailureCategory.AccessDenied },
        { new AnswerException("LOADING"), "RequestFailed", FailureCategory.OperationFailed },
    };

    [Theory]
    [MemberData(nameof(OfTheWorld))]
    public async Task What_the_world_did_is_told_with_its_cause_and_what_to_do(Exception cause, string id, FailureCategory category)
    {
        var told = await Assert.ThrowsAsync<UpgradeException>(() => Failures.ExplainAsync<int>("Reading", () => throw cause, default));
        Assert.Equal((id, category), (told.ErrorId, told.Category));
        Assert.Same(cause, told.InnerException);
        Assert.StartsWith("Reading failed: ", told.Message, StringComparison.Ordinal);
        Assert.NotEmpty(told.RecommendedAction);
        Assert.True(Failures.IsOfTheWorld(cause));
    }

    [Fact]
    public async Task What_is_told_already_is_not_told_anew()
    {
        var known = new UpgradeException("Known", "m", "a");
        Assert.Same(known, await Assert.ThrowsAsync<UpgradeException>(() => Failures.ExplainAsync<int>("x", () => throw known, default)));
    }

    [Fact]
    public async Task A_cancellation_that_was_asked_for_stays_one()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => Failures.ExplainAsync<int>("x", () => throw new OperationCanceledException(stop.Token), stop.Token));
    }

    [Fact]
    public async Task A_mistake_of_ours_is_not_hidden()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Failures.ExplainAsync<int>("x", () => throw new InvalidOperationException(), default));
        Assert.False(Failures.IsOfTheWorld(new NotSupportedException()));
    }

    /// <summary>As an engine's driver throws it for what a server answered.</summary>
    private sealed class AnswerException(string message) : Exception(message);
}
