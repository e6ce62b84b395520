using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.OpenSsh;
using Xunit.Abstractions;

namespace StatefulDeploy.Hosts.Tests.OpenSsh;

public sealed class ConnectionTests(ITestOutputHelper output)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(40);

    [ServerFact("fleet")]
    public async Task A_hundred_commands_at_once_share_one_connection_and_never_exceed_its_sessions()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed, options => options with { Sessions = 5 });
        await fleet["one"].RunAsync("mkdir", "/srv/now");
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => host.RunAsync(
            new HostCommand("sh", "-c", "touch /srv/now/$$; ls /srv/now | wc -l; echo $1; sleep 0.05; rm /srv/now/$$", "sh", $"{number}"), CancellationToken.None)));

        for (var number = 0; number < 100; number++)
        {
            var lines = results[number].Output.Split('\n');
            Assert.InRange(int.Parse(lines[0], CultureInfo.InvariantCulture), 1, 5);
            Assert.Equal(number.ToString(CultureInfo.InvariantCulture), lines[1]);
        }

        Assert.Contains(results, result => result.Output.StartsWith("5\n", StringComparison.Ordinal));
        Assert.Single(fleet["one"].SshLog.Split('\n'), line => line.Contains("Accepted publickey", StringComparison.Ordinal));
    }

    [ServerFact("fleet")]
    public async Task Several_machines_are_asked_at_once()
    {
        await using var bed = new TestBed(output);
        var names = Enumerable.Range(1, 12).Select(number => $"m{number}").ToArray();
        var fleet = await bed.StartFleetAsync(names);
        var hosts = names.Select(name => new OpenSshHost(new SshHostOptions { Name = name, Destination = name, ConfigFile = fleet.SshConfig })).ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => hosts).Select(async host => (host.Name, (await host.RunAsync(new HostCommand("hostname"), CancellationToken.None)).Output)));
        Assert.All(answers, answer => Assert.Equal(answer.Name + "\n", answer.Output));
    }

    [ServerFact("fleet")]
    public async Task An_sshd_that_allows_fewer_sessions_than_are_used_is_told()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed);
        await fleet["one"].StopSshAsync();
        await fleet["one"].StartSshAsync("MaxSessions 2");
        var error = await Assert.ThrowsAsync<UpgradeException>(() => Task.WhenAll(Enumerable.Range(0, 6).Select(_ => host.RunAsync(new HostCommand("sleep", "1"), CancellationToken.None))));
        Assert.Equal(("HostSessionRefused", FailureCategory.Capacity), (error.ErrorId, error.Category));
    }

    [ServerFact("fleet")]
    public async Task Nobody_on_the_host_sees_arguments_or_environment_on_the_command_line_of_the_session()
    {
        await using var bed = new TestBed(output);
        var (_, host) = await StartAsync(bed);
        var result = await host.RunAsync(
            new HostCommand("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo; echo \"$PASSWORD\"") { Environment = new Dictionary<string, string?> { ["PASSWORD"] = "hunter2" }, Input = "hunter3" }, CancellationToken.None);
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.Equal("hunter2", lines[^1]);
        Assert.DoesNotContain(lines[..^1], line => line.Contains("hunter", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("sshd", StringComparison.Ordinal));
    }

    [ServerFact("fleet")]
    public async Task Whoever_interrupts_us_at_a_console_does_not_interrupt_the_connection()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed);
        await host.RunAsync(new HostCommand("true"), CancellationToken.None);
        var connection = Assert.Single(
            Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)),
            folder => Read(folder, "cmdline") is var line && line.Split('\0')[0].EndsWith("/ssh", StringComparison.Ordinal) && line.Contains(fleet.SshConfig, StringComparison.Ordinal) && line.Contains("\0-M\0", StringComparison.Ordinal));
        // After the name in parentheses: state, parent, group, session (man 5 proc).
        var fields = Read(connection, "stat") is var stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : [];
        Assert.Equal([Path.GetFileName(connection), Path.GetFileName(connection)], fields[2..4]);
    }

    [ServerFact("fleet")]
    public async Task What_the_users_shell_says_at_the_start_is_no_output_of_the_command()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed);
        await File.WriteAllTextAsync(Path.Combine(fleet["one"].Disk, "home/root/.bashrc"), "echo Welcome to one; echo 'sd-000000000000 1'\n");
        Assert.Equal("output\n", (await host.RunAsync(new HostCommand("echo", "output"), CancellationToken.None)).Output);
    }

    [ServerFact("fleet")]
    public async Task After_the_host_lost_its_power_the_same_host_is_used_on()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed);
        await host.WriteFileAsync("/srv/file", "kept", Private, CancellationToken.None);
        // pgrep sees the shell around it too.
        var running = host.RunAsync(new HostCommand("sleep", "1006"), CancellationToken.None);
        await TestBed.WaitUntilAsync(async () => (await fleet["one"].TryRunAsync("pgrep", "-f", "sleep 1006")).ExitCode == 0, "it runs", Within);

        await fleet["one"].CrashAsync();
        var error = await Assert.ThrowsAsync<UpgradeException>(() => running);
        Assert.Equal(("HostConnectionLost", FailureCategory.Unreachable), (error.ErrorId, error.Category));

        await fleet["one"].StartAsync();
        Assert.Equal("kept", await host.ReadFileAsync("/srv/file", CancellationToken.None));
    }

    [ServerFact("fleet")]
    public async Task A_command_whose_host_is_cut_off_ends_over_there_at_its_deadline_by_itself()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed);
        var running = host.RunAsync(new HostCommand("sleep", "1007") { Timeout = TimeSpan.FromSeconds(3) }, CancellationToken.None);
        await TestBed.WaitUntilAsync(async () => (await fleet["one"].TryRunAsync("pgrep", "-f", "^sleep 1007")).ExitCode == 0, "it runs", Within);

        await fleet["one"].CutAsync();

        Assert.Equal("CommandTimedOut", (await Assert.ThrowsAsync<UpgradeException>(() => running)).ErrorId);
        await TestBed.WaitUntilAsync(async () => (await fleet["one"].TryRunAsync("pgrep", "-f", "^sleep 1007")).ExitCode == 1, "it has ended", Within);
    }

    [ServerFact("fleet")]
    public async Task A_detached_process_goes_on_when_the_connection_is_cut_and_is_found_again()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed);
        var process = await host.StartDetachedAsync(new HostCommand("sleep", "1008"), "/srv/log", CancellationToken.None);
        await fleet["one"].RunAsync("pkill", "-f", "^sshd: root");
        await TestBed.WaitUntilAsync(() => RunsAsync(host, process), "it is found again", Within);
        await host.StopAsync(process, TimeSpan.FromSeconds(5), CancellationToken.None);
        Assert.False(await host.IsRunningAsync(process, CancellationToken.None));
    }

    [ServerFact("fleet")]
    public async Task A_file_whose_content_was_cut_off_on_the_way_is_not_put_in_place()
    {
        await using var bed = new TestBed(output);
        var (fleet, host) = await StartAsync(bed);
        await host.WriteFileAsync("/srv/file", "old", Private, CancellationToken.None);
        // Who takes the content begins only when the connection is broken: far more is on its way than buffers hold.
        await fleet["one"].RunAsync("sh", "-c", "cp /usr/bin/tee /srv/tee && printf '#!/bin/sh\\ntouch /srv/begun; until [ -e /srv/go ]; do sleep 0.05; done; exec /srv/tee \"$@\"\\n' > /srv/slow && chmod 755 /srv/slow && mount --bind /srv/slow /usr/bin/tee");
        var writing = host.WriteFileAsync("/srv/file", new string('x', 16 << 20), Private, CancellationToken.None);
        await TestBed.WaitUntilAsync(async () => (await fleet["one"].TryRunAsync("test", "-e", "/srv/begun")).ExitCode == 0, "it is under way", Within);
        await fleet["one"].RunAsync("pkill", "-f", "^sshd: root");
        await fleet["one"].RunAsync("touch", "/srv/go");

        Assert.Equal(FailureCategory.Unreachable, (await Assert.ThrowsAsync<UpgradeException>(() => writing)).Category);
        await TestBed.WaitUntilAsync(async () => await fleet["one"].RunAsync("sh", "-c", "ls /srv | grep file; pgrep -f '[t]ee --' || true") == "file", "what was written is removed", Within);
        Assert.Equal("old", await fleet["one"].RunAsync("cat", "/srv/file"));
    }

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static async Task<bool> RunsAsync(OpenSshHost host, ProcessIdentity process)
    {
        try
        {
            return await host.IsRunningAsync(process, CancellationToken.None);
        }
        catch (UpgradeException error) when (error.Category == FailureCategory.Unreachable)
        {
            return false;
        }
    }

    private static async Task<(TestFleet Fleet, OpenSshHost Host)> StartAsync(TestBed bed, Func<SshHostOptions, SshHostOptions>? change = null)
    {
        var fleet = await bed.StartFleetAsync("one");
        var options = new SshHostOptions { Name = "far", Destination = "one", ConfigFile = fleet.SshConfig };
        return (fleet, new OpenSshHost(change?.Invoke(options) ?? options));
    }
}
