using Azure.Core;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Stage;

/// <summary>Somebody who is signed in at the simulator.</summary>
internal sealed class SimulatorCredential(AzureSimulator simulator) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new(simulator.IssueToken(), DateTimeOffset.UtcNow.AddHours(1));

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
