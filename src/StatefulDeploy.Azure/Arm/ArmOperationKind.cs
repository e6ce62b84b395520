namespace StatefulDeploy.Azure.Arm;

/// <summary>What is found at the address of an operation.</summary>
internal enum ArmOperationKind
{
    /// <summary>The operation, with its status and its error (Azure-AsyncOperation).</summary>
    Operation,

    /// <summary>HTTP 202 as long as it goes on, then its result (Location).</summary>
    Location,

    /// <summary>The resource, with its provisioningState.</summary>
    Resource,
}
