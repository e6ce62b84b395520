using System.Security.Cryptography;
using System.Text;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Names and values as PostgreSQL wants them quoted.</summary>
internal static class PostgresText
{
    private const int ScramIterations = 4096;
    private const int ScramSaltBytes = 16;
    private const int ScramKeyBytes = 32;

    /// <summary>A name in double quotes.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text in single quotes, whatever <c>standard_conforming_strings</c> is.</summary>
    public static string Literal(string text) => $"E'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>A value of a connection string of libpq.</summary>
    public static string ConnectionValue(string value) => $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>What the server keeps of a password under SCRAM-SHA-256 (RFC 5803): the password itself stays here, and out of the server's log.</summary>
    public static string ScramVerifier(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(ScramSaltBytes);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, ScramIterations, HashAlgorithmName.SHA256, ScramKeyBytes);
        byte[] stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        byte[] server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${ScramIterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
