using Azure.Core;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Stage;

/// <summary>Somebody who is signed in at the simulator, and keeps a token for its time as the credentials of Azure.Identity do, unless it is asked for one with claims.</summary>
internal sealed class SimulatorCredential(AzureSimulator simulator) : TokenCredential
{
    private AccessToken? _kept;

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        if (requestContext.Claims is not null)
        {
            _kept = null;
        }

        return _kept ??= new AccessToken(simulator.IssueToken(), DateTimeOffset.UtcNow.AddHours(1));
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
