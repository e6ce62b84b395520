using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>How a resource provider tells of its long-running operations, as the recordings show it.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Kind">The word in the operation's URL.</param>
/// <param name="ResultKind">The word in the URL of <c>Location</c>.</param>
/// <param name="Detailed">Whether it tells name and times, or the status alone.</param>
/// <param name="Notifies">Whether it says <c>Azure-AsyncNotification</c>.</param>
internal sealed record OperationProtocol(string Provider, string Kind, string ResultKind, bool Detailed, bool Notifies)
{
    public static OperationProtocol Compute { get; } = new("Microsoft.Compute", "operations", "operations", Detailed: true, Notifies: true);

    public static OperationProtocol Disks { get; } = new("Microsoft.Compute", "DiskOperations", "DiskOperations", Detailed: true, Notifies: false);

    public static OperationProtocol Network { get; } = new("Microsoft.Network", "operations", "operationResults", Detailed: false, Notifies: true);

    public static OperationProtocol PrivateDns { get; } = new("Microsoft.Network", "privateDnsOperationStatuses", "privateDnsOperationResults", Detailed: false, Notifies: false);

    /// <summary>Adds what tells a client where to ask.</summary>
    public ArmAnswer Announce(ArmAnswer answer, ArmOperation operation, ArmCall call, bool location)
    {
        answer.With("Azure-AsyncOperation", Url(operation, call, Kind, monitor: false));
        if (location)
        {
            answer.With("Location", Url(operation, call, ResultKind, monitor: Kind == ResultKind));
        }

        if (Notifies)
        {
            answer.With("Azure-AsyncNotification", "Enabled");
        }

        return answer.With("x-ms-operation-identifier", operation.Identifier);
    }

    /// <summary>What the operation's URL answers.</summary>
    public JsonObject Tell(ArmOperation operation)
    {
        var body = new JsonObject { ["status"] = operation.Status };
        if (Detailed)
        {
            body["name"] = operation.Id.ToString();
            body["startTime"] = Time(operation.Started);
            if (operation.Ended is { } ended)
            {
                body["endTime"] = Time(ended);
            }

            if (operation.Output is { } output)
            {
                body["properties"] = new JsonObject { ["output"] = output.DeepClone() };
            }
        }

        if (operation.Error is { } error)
        {
            body["error"] = error.ToJson();
        }

        return body;
    }

    internal static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("O");

    private string Url(ArmOperation operation, ArmCall call, string kind, bool monitor) =>
        FormattableString.Invariant($"{call.Origin}/subscriptions/{call.Request.Target.Subscription}/providers/{Provider}/locations/{operation.Target.Location}/{kind}/{operation.Id}?{(Detailed ? $"p={operation.Id}&" : string.Empty)}api-version={call.Request.ApiVersion}{(monitor ? "&monitor=true" : string.Empty)}&t=t&c=c&s=s&h=h");
}
