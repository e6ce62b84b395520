using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Identity;

/// <summary>Where clients get tokens: Entra ID's endpoint, and those of managed identities.</summary>
/// <param name="issuer">Issues them.</param>
/// <param name="secret">The client secret and the identity header that are taken.</param>
internal sealed class TokenEndpoints(TokenIssuer issuer, string secret)
{
    /// <summary>The answer; null when the request is for something else.</summary>
    public async Task<ArmAnswer?> AnswerAsync(HttpRequest request)
    {
        var path = request.Path.Value ?? string.Empty;
        if (path.EndsWith("/oauth2/v2.0/token", StringComparison.OrdinalIgnoreCase) && request.Method == "POST")
        {
            return Grant(await request.ReadFormAsync());
        }

        return path switch
        {
            "/metadata/identity/oauth2/token" => request.Headers["Metadata"] == "true" ? ForIdentity(request) : Refused("invalid_request", "Required metadata header not specified"),
            "/msi/token" => request.Headers["X-IDENTITY-HEADER"] == secret ? ForIdentity(request) : Refused("invalid_request", "The identity header is wrong"),
            _ => null,
        };
    }

    private ArmAnswer Grant(IFormCollection form)
    {
        if (form["grant_type"] != "client_credentials")
        {
            return Refused("unsupported_grant_type", $"AADSTS70003: The app requested an unsupported grant type '{form["grant_type"]}'.");
        }

        if (form["client_secret"] != secret && !form.ContainsKey("client_assertion"))
        {
            return new ArmAnswer(401, Error("invalid_client", "AADSTS7000215: Invalid client secret provided."));
        }

        var scope = form["scope"].ToString();
        return scope.Contains("/.default", StringComparison.Ordinal)
            ? new ArmAnswer(200, new JsonObject
            {
                ["token_type"] = "Bearer",
                ["expires_in"] = (int)issuer.Lifetime.TotalSeconds,
                ["ext_expires_in"] = (int)issuer.Lifetime.TotalSeconds,
                ["access_token"] = issuer.Issue(form["client_id"].ToString(), scope.Split("/.default")[0]),
            })
            : Refused("invalid_scope", $"AADSTS1002012: The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");
    }

    private ArmAnswer ForIdentity(HttpRequest request)
    {
        var resource = request.Query["resource"].ToString();
        var until = DateTimeOffset.UtcNow + issuer.Lifetime;
        return new ArmAnswer(200, new JsonObject
        {
            ["access_token"] = issuer.Issue(AzureSimulator.Principal, resource),
            ["client_id"] = AzureSimulator.Principal,
            ["expires_in"] = FormattableString.Invariant($"{(int)issuer.Lifetime.TotalSeconds}"),
            ["expires_on"] = FormattableString.Invariant($"{until.ToUnixTimeSeconds()}"),
            ["resource"] = resource,
            ["token_type"] = "Bearer",
        });
    }

    private static ArmAnswer Refused(string code, string words) => new(400, Error(code, words));

    private static JsonObject Error(string code, string words) => new() { ["error"] = code, ["error_description"] = words };
}
