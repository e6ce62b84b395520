using System.Net.Sockets;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness.Tests;

public sealed class FleetTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    [ServerFact("fleet")]
    public async Task A_machine_is_reached_by_ssh_and_has_its_own_name_disk_and_processes()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one", "two");

        Assert.Equal("one", await SshAsync(fleet, "one", "hostname"));
        Assert.Equal("two", await SshAsync(fleet, "two", "hostname"));
        await SshAsync(fleet, "one", "echo here > /srv/file; sleep 1000 > /dev/null 2>&1 < /dev/null &");
        Assert.Equal("here", await fleet["one"].RunAsync("cat", "/srv/file"));
        Assert.False(File.Exists("/srv/file"));
        Assert.Equal(1, (await fleet["two"].TryRunAsync("test", "-e", "/srv/file")).ExitCode);
        Assert.NotEmpty(await fleet["one"].RunAsync("pgrep", "-f", "sleep 1000"));
        Assert.Equal(1, (await fleet["two"].TryRunAsync("pgrep", "-f", "sleep 1000")).ExitCode);
    }

    [ServerFact("fleet")]
    public async Task A_cut_machine_is_silent_until_it_is_healed()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one", "two");

        Assert.True(await ReachesAsync(fleet["one"], fleet["two"]));
        await fleet["two"].CutAsync();
        Assert.False(await ReachesAsync(fleet["one"], fleet["two"]));
        Assert.False(await WeReachAsync(fleet["two"]));
        await fleet["two"].HealAsync();
        Assert.True(await ReachesAsync(fleet["one"], fleet["two"]));

        await TestFleet.CutAsync(fleet["one"], fleet["two"]);
        Assert.False(await ReachesAsync(fleet["one"], fleet["two"]));
        Assert.True(await WeReachAsync(fleet["two"]));
        await TestFleet.HealAsync(fleet["one"], fleet["two"]);
        Assert.True(await ReachesAsync(fleet["one"], fleet["two"]));
    }

    [ServerFact("fleet")]
    public async Task A_machine_that_lost_its_power_has_lost_processes_and_mounts_and_kept_its_disk()
    {
        await using var bed = new TestBed(output);
        var machine = (await bed.StartFleetAsync("one"))["one"];
        await machine.RunAsync("sh", "-c", "mkdir /srv/mounted && mount -t tmpfs tmpfs /srv/mounted && touch /srv/mounted/lost /srv/kept");
        var sleeper = bed.Own(machine.Start("sleep", "1000"));

        await machine.CrashAsync();
        Assert.True(await EndsAsync(sleeper));
        Assert.False(await WeReachAsync(machine));

        await machine.StartAsync();
        Assert.True(await WeReachAsync(machine));
        Assert.Equal("/srv/kept", await machine.RunAsync("find", "/srv", "-maxdepth", "2", "-name", "lost", "-o", "-name", "kept"));
    }

    [ServerFact("fleet")]
    public async Task A_process_on_a_machine_is_in_the_hand_of_the_test()
    {
        await using var bed = new TestBed(output);
        var machine = (await bed.StartFleetAsync("one"))["one"];
        var process = bed.Own(machine.Start("sh", "-c", "trap 'echo asked; exit 7' TERM; echo $PWD; while :; do sleep 0.05; done"));
        await process.WaitForLineAsync("/srv", Within);

        await process.SuspendAsync();
        process.Terminate();
        process.Continue();

        Assert.Equal(7, await process.WaitForExitAsync(Within));
        Assert.Contains("asked", process.Output, StringComparison.Ordinal);
    }

    [ServerFact("fleet")]
    public async Task Nothing_of_a_fleet_is_left_at_its_end()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        var link = Assert.Single(await LinksAsync(), line => line.Contains(fleet.OurAddress + "/", StringComparison.Ordinal));
        var machine = fleet["one"].Process;

        await fleet.DisposeAsync();

        await TestBed.WaitUntilAsync(async () => !(await LinksAsync()).Contains(link), "its link is gone", Within);
        Assert.False(Directory.Exists($"/proc/{machine}") && (await File.ReadAllTextAsync($"/proc/{machine}/stat")).Contains(") S", StringComparison.Ordinal));
        Assert.DoesNotContain(await File.ReadAllLinesAsync("/proc/self/mountinfo"), line => line.Contains(fleet.Folder, StringComparison.Ordinal));
    }

    [ServerFact("fleet")]
    public async Task Another_host_key_or_a_key_that_is_not_authorized_is_refused()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        var stranger = await fleet.Keys.CreateKeyAsync("stranger");
        File.Copy(stranger + ".pub", fleet.Keys.AuthorizedKeys, overwrite: true);
        Assert.Contains("Permission denied", (await TrySshAsync(fleet.SshConfig, "one", "true")).Output, StringComparison.Ordinal);

        await fleet["one"].ChangeHostKeyAsync();
        Assert.Contains("HOST IDENTIFICATION HAS CHANGED", (await TrySshAsync(fleet.SshConfig, "one", "true")).Output, StringComparison.Ordinal);
    }

    private static async Task<string> SshAsync(TestFleet fleet, string machine, string command)
    {
        var (code, said) = await TrySshAsync(fleet.SshConfig, machine, command);
        return code == 0 ? said : throw new InvalidOperationException(said);
    }

    private static Task<(int ExitCode, string Output)> TrySshAsync(string configuration, string machine, string command) =>
        TestProcess.RunAsync("ssh", ["-F", configuration, machine, command], Within);

    private static async Task<bool> ReachesAsync(TestMachine from, TestMachine to) =>
        (await from.TryRunAsync("timeout", "1", "bash", "-c", $"exec 3<> /dev/tcp/{to.Address}/22")).ExitCode == 0;

    private static async Task<bool> WeReachAsync(TestMachine machine)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(machine.Address, 22, limit.Token);
            return true;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<bool> EndsAsync(TestProcess process)
    {
        await process.WaitForExitAsync(Within);
        return process.HasExited;
    }

    private static async Task<IReadOnlyList<string>> LinksAsync() =>
        (await TestProcess.RunAsync("ip", ["-o", "addr"], Within)).Output.Split('\n');
}
