using StatefulDeploy.Cli;
using StatefulDeploy.Upgrade.Host;
using StatefulDeploy.Workflow;

// The command line's own entry point; only the operations behind it have fault points. The processes that it starts are the product's.
var settings = FaultSettings.Take();
if (settings.Lost is { } lost)
{
    var connect = OperatorSession.Connect;
    OperatorSession.Connect = async (platform, service, upgradeId, token) => new LossyGuard(await connect(platform, service, upgradeId, token), lost);
}

var services = new CliServices(
    StatefulDeploy.Composition.Platform.Create,
    platform => new UpgradeOperations(platform, SessionPool.Operator, TimeProvider.System, new InjectedFaults(settings)),
    CliConsole.OfProcess());
return await CommandLineProgram.RunAsync(args, services);
