using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace StatefulDeploy.Azure.Arm;

/// <summary>
/// Sends a request again: after HTTP 429 and 503 for as long as Retry-After says, since then it was not begun; after no answer and other
/// HTTP 5xx only if doing it twice does no more than doing it once.
/// </summary>
internal sealed class PatiencePolicy(RequestBudget budget, ArmPace pace, TimeProvider clock) : HttpPipelinePolicy
{
    /// <summary>The property of a message that tells that it may be sent twice.</summary>
    public const string RepeatableProperty = "StatefulDeploy.Repeatable";

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var repeatable = message.TryGetProperty(RepeatableProperty, out var value) && value is true;
        var throttledSince = clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await ProcessNextAsync(message, pipeline);
            }
            catch (Exception exception) when (exception is RequestFailedException or IOException or HttpRequestException && repeatable && attempt < pace.Retries && !message.CancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Backoff(attempt), clock, message.CancellationToken);
                continue;
            }

            if (Pause(message.Response, attempt, repeatable, clock.GetElapsedTime(throttledSince)) is not { } pause)
                return;

            message.Response.Dispose();
            await Task.Delay(pause, clock, message.CancellationToken);
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("Resource Manager is asked asynchronously.");

    private TimeSpan? Pause(Response response, int attempt, bool repeatable, TimeSpan waited)
    {
        var asked = response.Headers.TryGetValue("Retry-After", out var text) && int.TryParse(text, out var seconds) && seconds >= 0 ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        if (response.Status == 429)
        {
            budget.CountThrottled();
            var pause = asked ?? Backoff(attempt);
            if (waited + pause > pace.ThrottlePatience)
                return null;

            budget.CountWait(pause);
            return pause;
        }

        var again = response.Status switch
        {
            503 => asked is not null || repeatable,
            408 or 500 or 502 or 504 => repeatable,
            _ => false,
        };
        return again && attempt < pace.Retries ? asked ?? Backoff(attempt) : null;
    }

    // Doubled each time, and not by all at once.
    private TimeSpan Backoff(int attempt) => pace.FirstRetry * Math.Pow(2, Math.Min(attempt, 6)) * (0.8 + (Random.Shared.NextDouble() * 0.4));
}
