namespace StatefulDeploy.Model;

/// <summary>The ways to sign in to Azure.</summary>
public enum AzureCredentialKind
{
    /// <summary>Whatever is there: environment variables, a workload or managed identity, the signed-in Azure CLI or PowerShell.</summary>
    Default,

    /// <summary>The machine's managed identity.</summary>
    ManagedIdentity,

    /// <summary>The signed-in Azure CLI.</summary>
    AzureCli,

    /// <summary>An application by its certificate.</summary>
    Certificate,

    /// <summary>A code that a person types into a browser.</summary>
    DeviceCode,
}
