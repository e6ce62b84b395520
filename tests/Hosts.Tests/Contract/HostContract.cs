using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Hosts.Tests.Contract;

/// <summary>What every host must do, whichever way it is reached.</summary>
public abstract class HostContract
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>A host, and a folder on it that is there.</summary>
    protected abstract Task<(IHost Host, string Folder)> StartAsync(TestBed bed);

    [ServerFact("fleet")]
    public async Task A_command_has_its_arguments_input_environment_and_folder_and_gives_output_error_and_exit_code()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var result = await host.RunAsync(
            new HostCommand("/bin/sh", "-c", "printf '%s|' \"$@\"; pwd; cat; echo \"$GIVEN\" >&2; echo \"${TAKEN-none}\" >&2; exit 7", "sh", "a b", "'q'\"$HOME\"", "", "line\nline", "*", "ü")
            {
                Input = "first\nlast without end",
                WorkingFolder = folder,
                Environment = new Dictionary<string, string?> { ["GIVEN"] = "it's $HOME\nand more", ["TAKEN"] = null },
            },
            CancellationToken.None);

        Assert.Equal($"a b|'q'\"$HOME\"||line\nline|*|ü|{folder}\nfirst\nlast without end", result.Output);
        Assert.Equal("it's $HOME\nand more\nnone\n", result.Error);
        Assert.Equal(7, result.ExitCode);
    }

    [ServerTheory("fleet")]
    [InlineData("exit 255", 255)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("exit 0", 0)]
    public async Task An_exit_code_is_the_commands_own(string script, int code)
    {
        await using var bed = new TestBed();
        var (host, _) = await StartAsync(bed);
        Assert.Equal(code, (await host.RunAsync(new HostCommand("sh", "-c", script), CancellationToken.None)).ExitCode);
    }

    [ServerFact("fleet")]
    public async Task Megabytes_go_both_ways()
    {
        await using var bed = new TestBed();
        var (host, _) = await StartAsync(bed);
        var text = string.Concat(Enumerable.Range(0, 300_000).Select(number => $"line {number}\n"));
        var result = await host.RunAsync(new HostCommand("sh", "-c", "tee /dev/stderr") { Input = text }, CancellationToken.None);
        Assert.True(text == result.Output, "the output differs");
        Assert.True(text == result.Error, "the error output differs");
    }

    [ServerFact("fleet")]
    public async Task A_program_that_leaves_another_behind_does_not_hold_up_its_caller()
    {
        await using var bed = new TestBed();
        var (host, _) = await StartAsync(bed);
        var result = await host.RunAsync(new HostCommand("sh", "-c", "sleep 60 & echo $!") { Timeout = TimeSpan.FromSeconds(30) }, CancellationToken.None);
        Assert.Equal(0, result.ExitCode);
        await host.RunAsync(new HostCommand("kill", result.Output.Trim()), CancellationToken.None);
    }

    [ServerFact("fleet")]
    public async Task A_missing_program_is_told_as_such()
    {
        await using var bed = new TestBed();
        var (host, _) = await StartAsync(bed);
        foreach (var program in new[] { "no-such-program", "/no/such/program", "/etc/passwd", "/tmp" })
        {
            var error = await Assert.ThrowsAsync<UpgradeException>(() => host.RunAsync(new HostCommand(program), CancellationToken.None));
            Assert.Equal(("CommandMissing", FailureCategory.NotFound), (error.ErrorId, error.Category));
            Assert.Contains(program, error.Message, StringComparison.Ordinal);
            Assert.Equal("CommandMissing", (await Assert.ThrowsAsync<UpgradeException>(() => host.StartDetachedAsync(new HostCommand(program), "/tmp/never", CancellationToken.None))).ErrorId);
        }
    }

    [ServerFact("fleet")]
    public async Task A_command_past_its_time_is_ended_with_all_it_started()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var error = await Assert.ThrowsAsync<UpgradeException>(() => host.RunAsync(
            new HostCommand("sh", "-c", $"sleep 1001 & echo $! $$ > {folder}/ids.tmp; mv {folder}/ids.tmp {folder}/ids; wait") { Timeout = TimeSpan.FromSeconds(2) }, CancellationToken.None));
        Assert.Equal(("CommandTimedOut", FailureCategory.Timeout), (error.ErrorId, error.Category));
        await EndedAsync(host, folder);
    }

    [ServerFact("fleet")]
    public async Task A_command_that_is_cancelled_is_ended_with_all_it_started()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        using var cancel = new CancellationTokenSource();
        var run = host.RunAsync(new HostCommand("sh", "-c", $"sleep 1002 & echo $! $$ > {folder}/ids.tmp; mv {folder}/ids.tmp {folder}/ids; wait"), cancel.Token);
        await TestBed.WaitUntilAsync(async () => await host.ReadFileAsync($"{folder}/ids", CancellationToken.None) is not null, "it runs", Within);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await EndedAsync(host, folder);
    }

    [ServerFact("fleet")]
    public async Task A_file_is_written_as_a_whole_with_its_mode_and_read_back()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var path = $"{folder}/it's a file";
        Assert.Null(await host.ReadFileAsync(path, CancellationToken.None));
        Assert.Null(await host.ReadFileAsync($"{folder}/none/file", CancellationToken.None));

        await host.WriteFileAsync(path, "old ü\n", Private, CancellationToken.None);
        Assert.Equal("600", await StatAsync(host, "%a", path));
        await host.WriteFileAsync(path, "new, without an end", Private | UnixFileMode.GroupRead, CancellationToken.None);

        Assert.Equal("new, without an end", await host.ReadFileAsync(path, CancellationToken.None));
        Assert.Equal("640", await StatAsync(host, "%a", path));
        await host.WriteFileAsync(path, string.Empty, Private, CancellationToken.None);
        Assert.Equal(string.Empty, await host.ReadFileAsync(path, CancellationToken.None));
        await host.WriteFileAsync($"{folder}/other", "other", Private, CancellationToken.None);
        await host.RenameFileAsync($"{folder}/other", path, CancellationToken.None);
        Assert.Equal("other", await host.ReadFileAsync(path, CancellationToken.None));
        Assert.Equal("FileMissing", (await Assert.ThrowsAsync<UpgradeException>(() => host.RenameFileAsync($"{folder}/other", path, CancellationToken.None))).ErrorId);
        Assert.Equal("it's a file", (await host.RunAsync(new HostCommand("ls", "-A", folder), CancellationToken.None)).Output.Trim());
    }

    [ServerFact("fleet")]
    public async Task A_file_keeps_its_owner()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        await host.WriteFileAsync($"{folder}/file", "old", Private, CancellationToken.None);
        await host.RunAsync(new HostCommand("chown", "65534:65534", $"{folder}/file"), CancellationToken.None);
        await host.WriteFileAsync($"{folder}/file", "new", Private, CancellationToken.None);
        Assert.Equal("65534:65534", await StatAsync(host, "%u:%g", $"{folder}/file"));
        Assert.Equal("600", await StatAsync(host, "%a", $"{folder}/file"));
    }

    [ServerFact("fleet")]
    public async Task Whoever_reads_while_a_file_is_replaced_sees_the_old_or_the_new()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var contents = new[] { new string('a', 200_000), new string('b', 300_000) };
        await host.WriteFileAsync($"{folder}/file", contents[0], Private, CancellationToken.None);
        using var done = new CancellationTokenSource();
        var read = Task.Run(async () =>
        {
            var count = 0;
            for (; !done.IsCancellationRequested; count++)
                Assert.Contains(await host.ReadFileAsync($"{folder}/file", CancellationToken.None), contents);

            return count;
        });
        for (var round = 1; round <= 12; round++)
            await host.WriteFileAsync($"{folder}/file", contents[round % 2], Private, CancellationToken.None);

        await done.CancelAsync();
        Assert.NotEqual(0, await read);
    }

    [ServerFact("fleet")]
    public async Task A_file_that_cannot_be_written_is_as_it_was()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        Assert.Equal("FileMissing", (await Assert.ThrowsAsync<UpgradeException>(() => host.WriteFileAsync($"{folder}/none/file", "x", Private, CancellationToken.None))).ErrorId);
        var small = $"{folder}/small";
        await host.CreateFolderAsync(small, Private | UnixFileMode.UserExecute, CancellationToken.None);
        await RunAsync(host, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small);
        try
        {
            await host.WriteFileAsync($"{small}/file", "old", Private, CancellationToken.None);
            var error = await Assert.ThrowsAsync<UpgradeException>(() => host.WriteFileAsync($"{small}/file", new string('x', 200_000), Private, CancellationToken.None));
            Assert.Equal(("DiskFull", FailureCategory.Capacity), (error.ErrorId, error.Category));
            Assert.Equal("old", await host.ReadFileAsync($"{small}/file", CancellationToken.None));
            Assert.Equal("file", (await host.RunAsync(new HostCommand("ls", "-A", small), CancellationToken.None)).Output.Trim());
        }
        finally
        {
            await RunAsync(host, "umount", small);
        }
    }

    [ServerFact("fleet")]
    public async Task Folders_are_made_and_removed_and_both_can_be_done_twice()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        for (var time = 0; time < 2; time++)
            await host.CreateFolderAsync($"{folder}/one/two it's", Private | UnixFileMode.UserExecute, CancellationToken.None);

        Assert.Equal("700", await StatAsync(host, "%a", $"{folder}/one"));
        Assert.Equal("700", await StatAsync(host, "%a", $"{folder}/one/two it's"));
        await host.WriteFileAsync($"{folder}/one/two it's/file", "x", Private, CancellationToken.None);
        for (var time = 0; time < 2; time++)
            await host.RemoveFolderAsync($"{folder}/one", CancellationToken.None);

        Assert.Equal(string.Empty, (await host.RunAsync(new HostCommand("ls", "-A", folder), CancellationToken.None)).Output);
    }

    [ServerFact("fleet")]
    public async Task A_copy_tells_its_checksum_and_keeps_the_mode()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        await host.WriteFileAsync($"{folder}/a", "content", Private, CancellationToken.None);
        var hash = await host.CopyFileAsync($"{folder}/a", $"{folder}/b", CancellationToken.None);
        Assert.Equal("ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73", hash);
        Assert.Equal("content", await host.ReadFileAsync($"{folder}/b", CancellationToken.None));
        Assert.Equal("600", await StatAsync(host, "%a", $"{folder}/b"));
        Assert.Equal("FileMissing", (await Assert.ThrowsAsync<UpgradeException>(() => host.CopyFileAsync($"{folder}/none", $"{folder}/c", CancellationToken.None))).ErrorId);
    }

    [ServerFact("fleet")]
    public async Task A_detached_process_is_found_and_stopped_and_never_taken_for_another()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var process = await host.StartDetachedAsync(
            new HostCommand("sh", "-c", "echo here $GIVEN; echo there >&2; exec sleep 1003") { Environment = new Dictionary<string, string?> { ["GIVEN"] = "it's" }, WorkingFolder = folder, StandsBack = true },
            $"{folder}/log",
            CancellationToken.None);
        Assert.True(await host.IsRunningAsync(process, CancellationToken.None));
        Assert.False(await host.IsRunningAsync(process with { StartTicks = process.StartTicks + 1 }, CancellationToken.None));
        Assert.False(await host.IsRunningAsync(process with { BootId = Guid.Empty.ToString() }, CancellationToken.None));
        await TestBed.WaitUntilAsync(async () => await host.ReadFileAsync($"{folder}/log", CancellationToken.None) == "here it's\nthere\n", "it spoke", Within);
        Assert.Equal("600", await StatAsync(host, "%a", $"{folder}/log"));
        Assert.Equal(process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), (await host.RunAsync(new HostCommand("ps", "-o", "sid=", "-p", $"{process.Id}"), CancellationToken.None)).Output.Trim());

        await host.StopAsync(process with { StartTicks = process.StartTicks + 1 }, TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.True(await host.IsRunningAsync(process, CancellationToken.None));
        await host.StopAsync(process, TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.False(await host.IsRunningAsync(process, CancellationToken.None));
        await host.StopAsync(process, TimeSpan.FromSeconds(10), CancellationToken.None);
    }

    [ServerFact("fleet")]
    public async Task A_process_that_does_not_listen_is_killed_after_its_grace()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var process = await host.StartDetachedAsync(new HostCommand("sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"), $"{folder}/log", CancellationToken.None);
        await TestBed.WaitUntilAsync(async () => (await host.ReadFileAsync($"{folder}/log", CancellationToken.None))?.Contains("deaf", StringComparison.Ordinal) == true, "it spoke", Within);
        await host.StopAsync(process, TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.False(await host.IsRunningAsync(process, CancellationToken.None));
    }

    /// <summary>For hosts where the process that is known is the command's own (by sudo it is sudo's).</summary>
    protected async Task EndAProcessWhoseFirstThreadHasEndedAsync()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);

        // System call 60 ends the calling thread alone.
        const string LeaveTheFirst = "$| = 1; $SIG{TERM} = 'IGNORE'; use threads; threads->create(sub { print 'second'; sleep 1004 while 1 }); sleep 1 until -s $ARGV[0]; syscall(60, 0)";
        var process = await host.StartDetachedAsync(new HostCommand("perl", "-e", LeaveTheFirst, $"{folder}/log"), $"{folder}/log", CancellationToken.None);
        await TestBed.WaitUntilAsync(async () => (await StateAsync()).StartsWith('Z'), "its first thread has ended", Within);

        Assert.True(await host.IsRunningAsync(process, CancellationToken.None));
        await host.StopAsync(process, TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.False(await host.IsRunningAsync(process, CancellationToken.None));

        async Task<string> StateAsync() => (await host.RunAsync(new HostCommand("ps", "-o", "stat=", "-p", $"{process.Id}"), CancellationToken.None)).Output;
    }

    [ServerFact("fleet")]
    public async Task Capacity_is_measured_where_a_folder_is_still_to_be_made()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var there = await host.MeasureAsync(folder, CancellationToken.None);
        var later = await host.MeasureAsync($"{folder}/not/yet", CancellationToken.None);
        Assert.InRange(there.FreeDiskBytes, 1 << 20, long.MaxValue);
        Assert.InRange(there.FreeMemoryBytes, 1 << 20, long.MaxValue);
        Assert.Equal(Environment.ProcessorCount, there.Processors);
        Assert.InRange(later.FreeDiskBytes, 1 << 20, long.MaxValue);
    }

    [ServerFact("fleet", "redis-7.0")]
    public async Task A_port_is_taken_while_a_server_listens_on_it()
    {
        await using var bed = new TestBed();
        var (host, folder) = await StartAsync(bed);
        var port = await host.FindFreePortAsync("127.0.0.1", CancellationToken.None);
        Assert.NotEqual(port, await host.FindFreePortAsync("127.0.0.1", CancellationToken.None));
        Assert.True(await host.IsPortFreeAsync("127.0.0.1", port, CancellationToken.None));
        var server = await host.StartDetachedAsync(new HostCommand("redis-server", "--port", $"{port}", "--bind", "127.0.0.1", "--save", ""), $"{folder}/log", CancellationToken.None);
        try
        {
            await TestBed.WaitUntilAsync(async () => !await host.IsPortFreeAsync("127.0.0.1", port, CancellationToken.None), "it listens", Within);
            Assert.False(await host.IsPortFreeAsync("localhost", port, CancellationToken.None));
            Assert.True(await host.IsPortFreeAsync("127.0.0.2", port, CancellationToken.None));
        }
        finally
        {
            await host.StopAsync(server, TimeSpan.FromSeconds(10), CancellationToken.None);
        }

        Assert.True(await host.IsPortFreeAsync("127.0.0.1", port, CancellationToken.None));
        Assert.Equal("AddressNotHere", (await Assert.ThrowsAsync<UpgradeException>(() => host.IsPortFreeAsync("192.0.2.1", 20000, CancellationToken.None))).ErrorId);
    }

    private static async Task<string> StatAsync(IHost host, string format, string path) => (await RunAsync(host, "stat", "-c", format, path)).Trim();

    private static async Task<string> RunAsync(IHost host, string program, params string[] arguments)
    {
        var result = await host.RunAsync(new HostCommand(program, arguments), CancellationToken.None);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException(result.Error);
    }

    private static async Task EndedAsync(IHost host, string folder)
    {
        var ids = (await host.ReadFileAsync($"{folder}/ids", CancellationToken.None))!.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, ids.Length);
        foreach (var id in ids)
        {
            // Gone, or dead and not waited for.
            await TestBed.WaitUntilAsync(
                async () => (await host.RunAsync(new HostCommand("sh", "-c", $"! [ -d /proc/{id} ] || grep -q '^State:.[ZX]' /proc/{id}/status"), CancellationToken.None)).ExitCode == 0,
                $"process {id} has ended",
                Within);
        }
    }
}
