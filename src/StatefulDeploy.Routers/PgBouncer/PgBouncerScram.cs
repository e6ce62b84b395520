using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>The client's side of SCRAM-SHA-256 (RFC 7677) without channel binding.</summary>
internal sealed class PgBouncerScram(string password)
{
    private const string Header = "n,,";
    private readonly string _bare = $"n=,r={Convert.ToBase64String(RandomNumberGenerator.GetBytes(18))}";

    /// <summary>The first message.</summary>
    public string First => Header + _bare;

    /// <summary>The answer to the server's challenge.</summary>
    /// <exception cref="UpgradeException">The challenge is not the server's answer to our first message.</exception>
    public string Answer(string challenge)
    {
        Dictionary<char, string> fields = challenge.Split(',').ToDictionary(field => field[0], field => field[2..]);
        if (!fields['r'].StartsWith(_bare[(_bare.IndexOf("r=", StringComparison.Ordinal) + 2)..], StringComparison.Ordinal))
        {
            throw new UpgradeException("PgBouncerLogin", "PgBouncer's challenge does not belong to our request.", "See what answers at its address.", FailureCategory.AccessDenied);
        }

        string final = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(Header))},r={fields['r']}";
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Convert.FromBase64String(fields['s']), int.Parse(fields['i'], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        byte[] key = HMACSHA256.HashData(salted, "Client Key"u8);
        byte[] signature = HMACSHA256.HashData(SHA256.HashData(key), Encoding.UTF8.GetBytes($"{_bare},{challenge},{final}"));
        return $"{final},p={Convert.ToBase64String([.. key.Zip(signature, (left, right) => (byte)(left ^ right))])}";
    }
}
