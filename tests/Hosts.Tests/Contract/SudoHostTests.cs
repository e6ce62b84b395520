using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Hosts.OpenSsh;

namespace StatefulDeploy.Hosts.Tests.Contract;

/// <summary>As a user who may do as root what the documentation lists, and what the tests themselves run.</summary>
public sealed class SudoHostTests : HostContract
{
    protected override async Task<(IHost Host, string Folder)> StartAsync(TestBed bed)
    {
        var fleet = await bed.StartFleetAsync("one");
        await fleet["one"].RunAsync("mkdir", "-m", "700", "/srv/work");
        await fleet["one"].WriteSudoersAsync(SudoLine([.. SshHostOptions.SudoCommands, "sh", "ls", "stat", "chown", "mount", "umount", "redis-server", "ps", "tmp", "no-such-program"]));
        return (new OpenSshHost(new SshHostOptions { Name = "far", Destination = $"{TestMachine.PlainUser}@one", ConfigFile = fleet.SshConfig, Sudo = true }), "/srv/work");
    }

    internal static string SudoLine(IEnumerable<string> programs) =>
        $"{TestMachine.PlainUser} ALL=(root) CWD=* NOPASSWD: SETENV: {string.Join(", ", programs.Distinct().SelectMany(program => new[] { $"/bin/{program}", $"/usr/bin/{program}" }))}";
}
