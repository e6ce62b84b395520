using StatefulDeploy.Gateway;
using StatefulDeploy.Model;

// A process of its own for tests that kill the gateway: listen, target, state folder; a password for the control account in CONTROL_PASSWORD.
using var ended = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    ended.Cancel();
};
return await GatewayProgram.RunAsync(
    new GatewayOptions
    {
        ServiceName = "test",
        Listen = [NodeEndpoint.Parse(args[0])],
        Target = NodeEndpoint.Parse(args[1]),
        StateDirectory = args[2],
        Control = new CredentialDescription(null, null, "CONTROL_PASSWORD"),
    },
    ended.Token);
