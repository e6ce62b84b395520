namespace StatefulDeploy.Protocols.Resp;

/// <summary>How a connection to a server is encrypted.</summary>
public sealed record RespTlsOptions
{
    /// <summary>The name the server's certificate must carry; the host connected to unless said otherwise.</summary>
    public string? TargetHost { get; init; }

    /// <summary>A PEM file with the authorities to trust instead of the system's.</summary>
    public string? CaCertificateFile { get; init; }

    /// <summary>A PEM file with the client's own certificate, where the server asks for one.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>The PEM file with that certificate's key.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Accepts any certificate. For a server whose identity is proved some other way.</summary>
    public bool AllowAnyCertificate { get; init; }
}
