using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>Turns <see cref="RespTlsOptions"/> into what <see cref="SslStream"/> takes.</summary>
public static class RespTls
{
    /// <summary>Reads the files and makes the client's side of the handshake.</summary>
    /// <param name="tls">The options.</param>
    /// <param name="host">The host connected to, which the certificate must name unless the options say otherwise.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file is no certificate or key.</exception>
    public static SslClientAuthenticationOptions ClientOptions(RespTlsOptions tls, string host)
    {
        SslClientAuthenticationOptions options = new() { TargetHost = tls.TargetHost ?? host };
        if (tls.ClientCertificateFile is not null)
        {
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(tls.ClientCertificateFile, tls.ClientKeyFile)];
        }

        if (tls.AllowAnyCertificate)
        {
#pragma warning disable CA5359, MA0039 // Asked for by name: the server's identity is proved some other way.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (tls.CaCertificateFile is not null)
        {
            options.CertificateChainPolicy = TrustOnly(tls.CaCertificateFile);
        }

        return options;
    }

    private static X509ChainPolicy TrustOnly(string caFile)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return policy;
    }
}
