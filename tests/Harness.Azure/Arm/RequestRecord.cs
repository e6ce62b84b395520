namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>A request that was answered.</summary>
/// <param name="At">When it came.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path.</param>
/// <param name="Operation">What it is in the published API, such as <c>VirtualMachines_Update</c>.</param>
/// <param name="Status">The HTTP status of its answer; 0 when the connection was cut instead.</param>
/// <param name="Caller">The user agent it came from.</param>
public sealed record RequestRecord(DateTimeOffset At, string Method, string Path, string Operation, int Status, string Caller)
{
    /// <summary>Whether it asks how an operation stands.</summary>
    public bool Polls => Operation.StartsWith("Operations_", StringComparison.Ordinal);
}
