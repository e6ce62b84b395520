namespace StatefulDeploy.Model;

/// <summary>Who this process is on a cloud.</summary>
public sealed record AzureConnection
{
    /// <summary>The cloud.</summary>
    public required string Environment { get; init; }

    /// <summary>Its Resource Manager.</summary>
    public required string Endpoint { get; init; }

    /// <summary>How it was signed in.</summary>
    public required AzureCredentialKind Kind { get; init; }

    /// <summary>The user's name, or the application's id; empty when the token does not tell.</summary>
    public string Identity { get; init; } = string.Empty;

    /// <summary>The tenant; empty when the token does not tell.</summary>
    public string Tenant { get; init; } = string.Empty;

    /// <summary>The subscription that was asked for and is seen; null when none was.</summary>
    public string? Subscription { get; init; }

    /// <summary>The service's resource group, which is seen; null when no service file was named.</summary>
    public string? ResourceGroup { get; init; }

    /// <summary>The service file; null when none was named.</summary>
    public string? Path { get; init; }

    /// <summary>Until when the token holds that was got; it is renewed without being asked, where the way to sign in can.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
