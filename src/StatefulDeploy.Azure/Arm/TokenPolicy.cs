using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace StatefulDeploy.Azure.Arm;

/// <summary>Signs requests. A token that Resource Manager refuses (it has expired, or was revoked) is renewed once, whatever its own date says.</summary>
internal sealed class TokenPolicy(TokenCredential credential, string scope, TimeProvider clock) : BearerTokenAuthenticationPolicy(credential, scope)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    private readonly TokenCredential _credential = credential;
    private readonly string _scope = scope;
    private AccessToken? _renewed;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await base.ProcessAsync(message, pipeline);
        if (message.Response.Status != 401)
            return;

        message.Response.Dispose();
        _renewed = await RenewAsync(message.CancellationToken);
        Sign(message, _renewed.Value);
        await ProcessNextAsync(message, pipeline);
    }

    // A credential keeps a token until its own date, unless it is told of a claim that the token cannot meet: here one that is issued from now on
    // (learn.microsoft.com/entra/identity-platform/claims-challenge). Those that know no claims, such as az, keep none of their own.
    private async Task<AccessToken> RenewAsync(CancellationToken cancellationToken)
    {
        var claims = string.Create(CultureInfo.InvariantCulture, $$"""{ "access_token": { "nbf": { "essential": true, "value": "{{clock.GetUtcNow().ToUnixTimeSeconds()}}" } } }""");
        try
        {
            return await _credential.GetTokenAsync(new TokenRequestContext([_scope], claims: claims, isCaeEnabled: true), cancellationToken);
        }
        catch (AuthenticationFailedException)
        {
            return await _credential.GetTokenAsync(new TokenRequestContext([_scope], isCaeEnabled: true), cancellationToken);
        }
    }

    protected override ValueTask AuthorizeRequestAsync(HttpMessage message)
    {
        if (_renewed is not { } token || token.ExpiresOn - Margin < clock.GetUtcNow())
            return base.AuthorizeRequestAsync(message);

        Sign(message, token);
        return ValueTask.CompletedTask;
    }

    private static void Sign(HttpMessage message, AccessToken token) => message.Request.Headers.SetValue("Authorization", $"Bearer {token.Token}");
}
