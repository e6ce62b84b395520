using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Identity;

/// <summary>Issues tokens as Entra ID does, and knows which still hold.</summary>
/// <param name="lifetime">How long one holds.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenIssuer(TimeSpan lifetime, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _tokens = new(StringComparer.Ordinal);

    public int Issued { get; private set; }

    public TimeSpan Lifetime { get; } = lifetime;

    /// <summary>A new token, in the form of a JWT whose signature nobody checks.</summary>
    public string Issue(string client, string audience)
    {
        var until = time.GetUtcNow() + Lifetime;
        var claims = new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = $"https://sts.windows.net/{AzureSimulator.Tenant}/",
            ["exp"] = until.ToUnixTimeSeconds(),
            ["appid"] = client,
            ["oid"] = AzureSimulator.Principal,
            ["tid"] = AzureSimulator.Tenant,
            ["ver"] = "1.0",
        };
        var token = $"{Part("""{"alg":"none","typ":"JWT"}""")}.{Part(claims.ToJsonString())}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16))}";
        lock (_gate)
        {
            Issued++;
            _tokens[token] = until;
        }

        return token;
    }

    /// <summary>Ends every token that was issued so far.</summary>
    public void ExpireAll()
    {
        lock (_gate)
        {
            foreach (var token in _tokens.Keys)
            {
                _tokens[token] = DateTimeOffset.MinValue;
            }
        }
    }

    /// <summary>Holds a request to its token.</summary>
    /// <exception cref="ArmException">401: there is none, or it has expired.</exception>
    public void Check(ArmRequest request)
    {
        var given = request.Headers.GetValueOrDefault("Authorization");
        if (given?.StartsWith("Bearer ", StringComparison.Ordinal) != true)
        {
            throw Refused("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
        }

        lock (_gate)
        {
            if (!_tokens.TryGetValue(given["Bearer ".Length..], out var until))
            {
                throw Refused("InvalidAuthenticationToken", "The access token is invalid.");
            }

            if (until <= time.GetUtcNow())
            {
                throw Refused("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time.");
            }
        }
    }

    private static string Part(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static ArmException Refused(string code, string message) => new(401, code, message)
    {
        Headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WWW-Authenticate"] = $"Bearer authorization_uri=\"https://login.windows.net/{AzureSimulator.Tenant}\", error=\"invalid_token\", error_description=\"{message}\"",
        },
    };
}
