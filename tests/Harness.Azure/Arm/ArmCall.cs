namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>A request being answered.</summary>
/// <param name="Request">The request.</param>
/// <param name="Origin">The server as the client calls it.</param>
internal sealed record ArmCall(ArmRequest Request, string Origin)
{
    /// <summary>What Azure says of who asked, and where it is done.</summary>
    public string Identifier(ArmOperation operation) =>
        FormattableString.Invariant($"tenantId={AzureSimulator.Tenant},objectId={AzureSimulator.Principal}/{operation.Target.Location}/{operation.Id}");
}
