using System.Text.Json;
using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.Session;

/// <summary>What a token tells of whom it is for, to show it to a person. Nothing is decided by it: only Azure checks tokens.</summary>
/// <param name="Identity">The user's name, or the application's id; empty when it is not told.</param>
/// <param name="Tenant">The tenant; empty when it is not told.</param>
internal sealed record TokenClaims(string Identity, string Tenant)
{
    private static readonly string[] NameClaims = ["upn", "unique_name", "preferred_username", "appid", "azp", "oid"];
    private static readonly TokenClaims None = new(string.Empty, string.Empty);

    /// <summary>Reads the middle part of a JSON web token (RFC 7519); one of another form tells nothing.</summary>
    public static TokenClaims Of(string token)
    {
        if (token.Split('.') is not [_, var middle, _])
            return None;

        try
        {
            var text = middle.Replace('-', '+').Replace('_', '/');
            var claims = JsonNode.Parse(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')));
            var name = NameClaims.Select(claim => claims.Text(claim)).FirstOrDefault(value => value is not null);
            return new TokenClaims(name ?? string.Empty, claims.Text("tid") ?? string.Empty);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return None;
        }
    }
}
