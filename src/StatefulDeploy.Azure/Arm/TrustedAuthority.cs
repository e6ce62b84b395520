using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Arm;

/// <summary>Connections to a cloud whose certificates come from an authority of its own.</summary>
internal static class TrustedAuthority
{
    /// <summary>Connections that take certificates of that authority alone; null, for the system's own, when none is named.</summary>
    /// <exception cref="UpgradeException">The file cannot be read.</exception>
    public static HttpPipelineTransport? TransportFor(string? file)
    {
        if (file is null)
            return null;

        var policy = PolicyFor(file);
        return new HttpClientTransport(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } });
    }

    /// <summary>
    /// Connections that take certificates of that authority besides those that the system trusts: who signs in to a cloud of one's own may be that
    /// cloud itself, or Entra ID. Null, for the system's own, when none is named.
    /// </summary>
    /// <exception cref="UpgradeException">The file cannot be read.</exception>
    public static HttpPipelineTransport? SignInTransportFor(string? file)
    {
        if (file is null)
            return null;

        var roots = PolicyFor(file);
        return new HttpClientTransport(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Validate } });

        bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 server)
                return errors == SslPolicyErrors.None;

            using var own = new X509Chain { ChainPolicy = roots.Clone() };
            if (chain is not null)
                own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Skip(1).Select(element => element.Certificate).ToArray());
            return own.Build(server);
        }
    }

    private static X509ChainPolicy PolicyFor(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UpgradeException("CaFileUnreadable", $"The certificate authority file '{file}' cannot be read: {exception.Message}", "Correct azure.caFile; it is a PEM file.", FailureCategory.InvalidInput, exception) { Target = file };
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
