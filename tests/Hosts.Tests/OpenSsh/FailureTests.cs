using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.OpenSsh;
using StatefulDeploy.Hosts.Tests.Contract;
using Xunit.Abstractions;

namespace StatefulDeploy.Hosts.Tests.OpenSsh;

public sealed class FailureTests(ITestOutputHelper output)
{
    private static readonly HostCommand Nothing = new("true");

    [ServerFact("fleet")]
    public async Task A_host_that_is_off_or_does_not_listen_is_told_unreachable()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        await fleet["one"].StopSshAsync();
        await ExpectAsync(Host(fleet), "HostUnreachable", FailureCategory.Unreachable, "Connection refused");

        await fleet["one"].CutAsync();
        await ExpectAsync(Host(fleet) with { ConnectTimeout = TimeSpan.FromSeconds(1) }, "HostUnreachable", FailureCategory.Unreachable, "one");
    }

    [ServerFact("fleet")]
    public async Task A_name_that_nobody_knows_is_told_unreachable()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        await ExpectAsync(Host(fleet) with { Destination = "nobody.invalid" }, "HostUnreachable", FailureCategory.Unreachable, "nobody.invalid");
    }

    [ServerFact("fleet")]
    public async Task A_key_that_is_not_authorized_is_told()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        await File.WriteAllTextAsync(fleet.Keys.AuthorizedKeys, string.Empty);
        await ExpectAsync(Host(fleet), "HostAccessRefused", FailureCategory.AccessDenied, "Permission denied");
    }

    [ServerFact("fleet")]
    public async Task Another_host_key_than_the_known_one_is_told_and_never_taken()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        var known = await File.ReadAllTextAsync(fleet.Keys.KnownHosts);
        await fleet["one"].ChangeHostKeyAsync();
        await ExpectAsync(Host(fleet), "HostKeyChanged", FailureCategory.AccessDenied, "another key");
        Assert.Equal(known, await File.ReadAllTextAsync(fleet.Keys.KnownHosts));
    }

    [ServerFact("fleet")]
    public async Task An_unknown_host_key_is_told_and_never_taken()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        await File.WriteAllTextAsync(fleet.Keys.KnownHosts, string.Empty);
        // As ssh is without a configuration: it would ask, and there is nobody to ask.
        await ExpectAsync(Host(fleet) with { ConfigFile = fleet.Keys.WriteConfig("asking", "StrictHostKeyChecking ask") }, "HostKeyUnknown", FailureCategory.AccessDenied, "not known");
        Assert.Equal(string.Empty, await File.ReadAllTextAsync(fleet.Keys.KnownHosts));
    }

    [ServerFact("fleet")]
    public async Task A_configuration_of_ssh_that_is_wrong_is_told()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        await ExpectAsync(Host(fleet) with { ConfigFile = fleet.Keys.WriteConfig("wrong", "NoSuchOption yes") }, "SshConfigurationWrong", FailureCategory.InvalidInput, "wrong");
    }

    [ServerFact("fleet")]
    public async Task Sudo_that_refuses_is_told_for_commands_files_and_processes()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        var options = Host(fleet) with { Destination = $"{TestMachine.PlainUser}@one", Sudo = true };
        var host = new OpenSshHost(options);
        await ExpectAsync(options, "SudoRefused", FailureCategory.AccessDenied, "password");
        foreach (var act in new Func<Task>[]
        {
            () => host.ReadFileAsync("/srv/file", CancellationToken.None),
            () => host.WriteFileAsync("/srv/file", "x", UnixFileMode.UserRead, CancellationToken.None),
            () => host.CreateFolderAsync("/srv/folder", UnixFileMode.UserRead, CancellationToken.None),
            () => host.RemoveFolderAsync("/srv", CancellationToken.None),
            () => host.StartDetachedAsync(new HostCommand("sleep", "1"), "/srv/log", CancellationToken.None),
        })
            Assert.Equal("SudoRefused", (await Assert.ThrowsAsync<UpgradeException>(act)).ErrorId);

        // Some programs are allowed, others not.
        await fleet["one"].WriteSudoersAsync(SudoHostTests.SudoLine(["true"]));
        Assert.Equal(0, (await host.RunAsync(Nothing, CancellationToken.None)).ExitCode);
        Assert.Equal("SudoRefused", (await Assert.ThrowsAsync<UpgradeException>(() => host.RunAsync(new HostCommand("id"), CancellationToken.None))).ErrorId);
    }

    [ServerFact("fleet")]
    public async Task Without_sudo_a_plain_user_is_refused_what_is_not_his()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("one");
        var host = new OpenSshHost(Host(fleet) with { Destination = $"{TestMachine.PlainUser}@one" });
        await fleet["one"].RunAsync("sh", "-c", "mkdir -m 700 /srv/root && echo secret > /srv/root/file && sleep 1004 & echo");
        Assert.Equal("FileAccessDenied", (await Assert.ThrowsAsync<UpgradeException>(() => host.ReadFileAsync("/srv/root/file", CancellationToken.None))).ErrorId);
        Assert.Equal("FileAccessDenied", (await Assert.ThrowsAsync<UpgradeException>(() => host.WriteFileAsync("/srv/root/file", "x", UnixFileMode.UserRead, CancellationToken.None))).ErrorId);
        Assert.Equal("secret", await fleet["one"].RunAsync("cat", "/srv/root/file"));

        var far = new OpenSshHost(Host(fleet));
        var process = await far.StartDetachedAsync(new HostCommand("sleep", "1005"), "/srv/root/log", CancellationToken.None);
        Assert.Equal("SignalRefused", (await Assert.ThrowsAsync<UpgradeException>(() => host.StopAsync(process, TimeSpan.FromSeconds(1), CancellationToken.None))).ErrorId);
        Assert.True(await far.IsRunningAsync(process, CancellationToken.None));
    }

    private static SshHostOptions Host(TestFleet fleet) => new() { Name = "far", Destination = "one", ConfigFile = fleet.SshConfig };

    private static async Task ExpectAsync(SshHostOptions options, string id, FailureCategory category, string says)
    {
        var error = await Assert.ThrowsAsync<UpgradeException>(() => new OpenSshHost(options).RunAsync(Nothing, CancellationToken.None));
        Assert.Equal((id, category), (error.ErrorId, error.Category));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("far", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.RecommendedAction);
    }
}
