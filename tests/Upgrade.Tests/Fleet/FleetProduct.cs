using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>The product on the machine of a fleet that an upgrade is run on.</summary>
internal sealed class FleetProduct(TestBed bed, TestMachine home)
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private int _faults;

    /// <summary>The service file, on the disk of the machine.</summary>
    public string ServiceFile => Path.Combine(home.Disk, "service.yaml");

    /// <summary>Runs a command to its end.</summary>
    public async Task<CommandOutcome> RunAsync(params string[] arguments)
    {
        var process = Start("statefuldeploy", [], arguments);
        var code = await process.WaitForExitAsync(Patience);
        return new CommandOutcome(code, process.Output);
    }

    /// <summary>Starts a command that stands still at a moment of the upgrade until it is let go.</summary>
    /// <returns>The process, and the file whose name with <c>.reached</c> is made then and with <c>.go</c> is waited for.</returns>
    public (TestProcess Process, string Signal) StartWith(FaultOrder faults, params string[] arguments)
    {
        var name = FormattableString.Invariant($"fault{++_faults}");
        return (Start("Upgrade.Host", faults.ToEnvironment($"/srv/{name}"), arguments), Path.Combine(home.Disk, name));
    }

    /// <summary>Starts a command that goes on by itself.</summary>
    public TestProcess Start(params string[] arguments) => Start("statefuldeploy", [], arguments);

    private TestProcess Start(string assembly, Dictionary<string, string?> environment, params string[] arguments) =>
        bed.Own(home.StartDotnet(new ProcessOptions { WorkingDirectory = "/srv", Environment = environment }, assembly, arguments));
}
