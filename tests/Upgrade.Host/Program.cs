using StatefulDeploy.Cli;
using StatefulDeploy.Contracts;
using StatefulDeploy.Upgrade.Host;
using StatefulDeploy.Workflow;

// The command line's own entry point; only the operations behind it have fault points. The processes that it starts are the product's
// own program, but for the guard when a test takes the fence away.
if (UnfencedPlatform.FindGuard(args) is { } guard)
{
    return await guard;
}

var settings = FaultSettings.Take();
if (settings.Lost is { } lost)
{
    var connect = OperatorSession.Connect;
    OperatorSession.Connect = async (platform, service, upgradeId, token) => new LossyGuard(await connect(platform, service, upgradeId, token), lost);
}

Func<IPlatform> create = settings.Skipped.Contains("fence") ? () => new UnfencedPlatform(StatefulDeploy.Composition.Platform.Create()) : StatefulDeploy.Composition.Platform.Create;
var services = new CliServices(create, platform => new UpgradeOperations(platform, SessionPool.Operator, TimeProvider.System, new InjectedFaults(settings)), CliConsole.OfProcess());
return await CommandLineProgram.RunAsync(args, services);
