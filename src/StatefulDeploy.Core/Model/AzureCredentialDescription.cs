namespace StatefulDeploy.Model;

/// <summary>How an operator or a runbook is signed in to Azure.</summary>
public sealed record AzureCredentialDescription
{
    /// <summary>The way.</summary>
    public AzureCredentialKind Kind { get; init; }

    /// <summary>The application, or the user-assigned managed identity; null for the machine's own identity.</summary>
    public string? ClientId { get; init; }

    /// <summary>For <see cref="AzureCredentialKind.Certificate"/>: the file with the application's certificate and key, PEM or PFX without a password.</summary>
    public string? CertificateFile { get; init; }
}
