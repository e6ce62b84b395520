namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>A request being answered.</summary>
/// <param name="Request">The request.</param>
/// <param name="Origin">The server as the client calls it.</param>
internal sealed record ArmCall(ArmRequest Request, string Origin);
