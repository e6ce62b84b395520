using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>A long-running operation.</summary>
/// <param name="protocol">How its provider tells of it.</param>
/// <param name="target">The resource it changes.</param>
/// <param name="action">What it does, in words of the simulator, such as <c>attach</c>.</param>
/// <param name="started">When it was accepted.</param>
internal sealed class ArmOperation(OperationProtocol protocol, ArmResource target, string action, DateTimeOffset started) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public Guid Id { get; } = Guid.NewGuid();

    public OperationProtocol Protocol { get; } = protocol;

    public ArmResource Target { get; } = target;

    public string Action { get; } = action;

    public DateTimeOffset Started { get; } = started;

    public DateTimeOffset? Ended { get; private set; }

    public string Status { get; private set; } = "InProgress";

    public ArmException? Error { get; private set; }

    /// <summary>What its end answers with; null when nothing.</summary>
    public JsonNode? Output { get; private set; }

    /// <summary>Its end before its time.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>What Azure says of who asked, and where it is done.</summary>
    public string Identifier => $"tenantId={AzureSimulator.Tenant},objectId={AzureSimulator.Principal}/{Target.Location}/{Id}";

    public bool Running => Ended is null;

    public void End(DateTimeOffset now, JsonNode? output, ArmException? error)
    {
        if (!Running)
        {
            return;
        }

        Ended = now;
        Output = output;
        Error = error;
        Status = error is null ? "Succeeded" : error.Code.StartsWith("Cancel", StringComparison.Ordinal) ? "Canceled" : "Failed";
        if (Target.Current == this)
        {
            Target.Current = null;
        }
    }

    /// <summary>Ends it for another's sake.</summary>
    public void Preempt(DateTimeOffset now, ArmException error)
    {
        End(now, null, error);
        _stop.Cancel();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
