namespace StatefulDeploy.Model;

/// <summary>How a process is to be signed in to Azure. What is left out is as the service file has it, where one is named.</summary>
public sealed record AzureConnectionRequest
{
    /// <summary>The service file whose cloud, tenant and subscription are meant; null for none.</summary>
    public string? Path { get; init; }

    /// <summary>The way to sign in.</summary>
    public AzureCredentialDescription Credential { get; init; } = new();

    /// <summary>The cloud, as under <c>azure.environment</c>; null for the service's, or the public one.</summary>
    public string? Environment { get; init; }

    /// <summary>A custom cloud's Resource Manager.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Who signs in to a custom cloud.</summary>
    public string? Authority { get; init; }

    /// <summary>Whom a custom cloud's tokens are for.</summary>
    public string? Audience { get; init; }

    /// <summary>The certificate authority file of a custom cloud.</summary>
    public string? CaFile { get; init; }

    /// <summary>The tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>The subscription that must be seen; null for the service's, or none.</summary>
    public string? Subscription { get; init; }
}
