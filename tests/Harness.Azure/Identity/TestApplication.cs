using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StatefulDeploy.Harness.Azure.Identity;

/// <summary>An application that signs in at the simulator by a certificate; which one, the simulator does not mind.</summary>
public static class TestApplication
{
    /// <summary>A certificate and its key, in PEM.</summary>
    public static string MakeIdentity()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
