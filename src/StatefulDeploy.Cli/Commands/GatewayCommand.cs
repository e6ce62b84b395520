using System.CommandLine;
using StatefulDeploy.Composition;
using StatefulDeploy.Gateway;

namespace StatefulDeploy.Cli.Commands;

/// <summary><c>gateway</c>: runs the gateway of a service until it is stopped.</summary>
internal static class GatewayCommand
{
    public static Command Create(CliServices services)
    {
        var service = new Argument<string>("service") { Description = "The service file, such as orders.yaml." };
        var command = new Command("gateway", "Run the gateway of a service until it is stopped. Prints one line of JSON when it listens.") { service };
        return CommandRun.Bind(
            command,
            services,
            (run, cancellationToken) => GatewayProgram.RunAsync(GatewaySettings.Of(run.Platform.ReadService(run.Parsed.GetValue(service)!)), cancellationToken),
            "Stopping when the requests in flight are answered. Once more leaves at once.");
    }
}
