using Azure.Core;
using Azure.Core.Pipeline;

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
        _renewed = await _credential.GetTokenAsync(new TokenRequestContext([_scope], isCaeEnabled: true), message.CancellationToken);
        Sign(message, _renewed.Value);
        await ProcessNextAsync(message, pipeline);
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
