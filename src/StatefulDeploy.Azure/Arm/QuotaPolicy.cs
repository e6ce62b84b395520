using Azure.Core;
using Azure.Core.Pipeline;

namespace StatefulDeploy.Azure.Arm;

/// <summary>Counts every request that goes out, and lets one wait when Azure said that the quota of its class runs low.</summary>
internal sealed class QuotaPolicy(RequestBudget budget, ArmPace pace, TimeProvider clock) : HttpPipelinePolicy
{
    /// <summary>The property of a message that tells its class.</summary>
    public const string ClassProperty = "StatefulDeploy.RequestClass";

    /// <summary>The property of a message that tells the resource that it is about.</summary>
    public const string SubjectProperty = "StatefulDeploy.Subject";

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var (requestClass, subject) = (Text(message, ClassProperty), Text(message, SubjectProperty));
        if (budget.LeftFor(requestClass, subject) is { } left && left < pace.Reserve)
        {
            var pause = pace.LongestSparing * ((double)(pace.Reserve - left) / pace.Reserve);
            budget.CountWait(pause);
            await Task.Delay(pause, clock, message.CancellationToken);
        }

        budget.Count(requestClass);
        await ProcessNextAsync(message, pipeline);
        budget.Note(requestClass, subject, message.Response.Headers.Select(header => (header.Name, header.Value)));
    }

    private static string Text(HttpMessage message, string property) => message.TryGetProperty(property, out var value) && value is string text ? text : string.Empty;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("Resource Manager is asked asynchronously.");
}
