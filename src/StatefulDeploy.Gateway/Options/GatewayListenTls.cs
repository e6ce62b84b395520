namespace StatefulDeploy.Gateway;

/// <summary>TLS towards the clients.</summary>
/// <param name="CertificateFile">A PEM file with the gateway's certificate and its chain.</param>
/// <param name="KeyFile">A PEM file with its key.</param>
/// <param name="ClientCaFile">A PEM file with the authorities that client certificates must come from; null asks for none.</param>
public sealed record GatewayListenTls(string CertificateFile, string KeyFile, string? ClientCaFile = null);
