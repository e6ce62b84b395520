using System.Text;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>The guard and its clients killed, stopped and deceived, with real processes.</summary>
public sealed class GuardFaultTests : IAsyncLifetime
{
    private readonly Stage _stage = new();

    private string GuardFolder => _stage.Service.GuardDirectory;

    private string WindowFolder => Path.Combine(GuardFolder, "windows", "w1");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task A_guard_killed_inside_the_window_and_started_past_the_deadline_opens_blue()
    {
        var one = await _stage.ArmAsync(6_000);
        await one.ExpectAsync("close", "ok");
        await one.KillAsync();
        await _stage.KillGuardAsync();
        Assert.True(_stage.BlueIsClosed);
        await Task.Delay(6_000); // The deadline itself: nobody is there to observe it.
        Assert.True(_stage.BlueIsClosed);
        await _stage.StartGuardAsync();
        await _stage.UntilAsync(() => _stage.BlueIsOpen, "Blue open again");
        Assert.Contains("\"Expired\"", await File.ReadAllTextAsync(Path.Combine(WindowFolder, "outcome")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guard_killed_inside_the_window_is_started_again_by_the_orchestrator_and_the_window_goes_on()
    {
        var one = await _stage.ArmAsync(30_000);
        await one.ExpectAsync("close", "ok");
        var first = _stage.Guard;
        await _stage.KillGuardAsync();
        await one.ExpectAsync("commit w1", "Committed");
        Assert.NotEqual(first, _stage.Guard);
        await one.ExpectAsync("open-green", "ok");
        Assert.True(_stage.BlueIsClosed);
        Assert.True(_stage.GreenIsOpen);
    }

    [Fact]
    public async Task A_guard_that_is_stopped_is_killed_and_replaced_and_the_old_one_never_acts_again()
    {
        var one = await _stage.ArmAsync(30_000);
        await one.ExpectAsync("close", "ok");
        var stopped = _stage.Guard;
        Signals.Send(stopped, Signals.Stop);
        await one.ExpectAsync("commit w1", "Committed");
        Assert.False(RunningProcess.IsRunning(stopped));
        await one.ExpectAsync("open-green", "ok");
    }

    [Fact]
    public async Task An_orchestrator_stopped_beyond_the_deadline_finds_the_window_expired_and_can_commit_nothing()
    {
        var one = await _stage.ArmAsync(6_000);
        await one.ExpectAsync("close", "ok");
        one.Stop();
        await _stage.UntilAsync(() => _stage.BlueIsOpen, "Blue open again");
        one.Continue();
        await one.ExpectAsync("commit w1", "Expired");
        await one.ExpectErrorAsync("open-green", "NoRightToOpen");
        await one.ExpectErrorAsync("close", "NotArmed");
        Assert.True(_stage.BlueIsOpen);
    }

    [Theory]
    [InlineData("lose-reply")]
    [InlineData("lose-request")]
    public async Task A_commit_whose_message_is_lost_is_read_from_the_outcome(string lost)
    {
        var one = await _stage.ArmAsync(30_000);
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync($"{lost} Commit", "ok");
        await one.ExpectAsync("commit w1", "Committed");
        Assert.Contains("\"Committed\"", await File.ReadAllTextAsync(Path.Combine(WindowFolder, "outcome")), StringComparison.Ordinal);
        await one.ExpectAsync("open-green", "ok");
    }

    [Fact]
    public async Task A_commit_whose_reply_is_lost_and_whose_window_had_expired_is_told_expired()
    {
        var one = await _stage.ArmAsync(30_000);
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync("expire w1", "Expired");
        await one.ExpectAsync("lose-reply Commit", "ok");
        await one.ExpectAsync("commit w1", "Expired");
        await one.ExpectErrorAsync("open-green", "NoRightToOpen");
    }

    [Fact]
    public async Task A_committed_window_whose_owner_and_guard_die_is_led_forward_by_the_next_guard()
    {
        var one = await _stage.ArmAsync(30_000);
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync("commit w1", "Committed");
        await one.KillAsync();
        await _stage.KillGuardAsync();
        await _stage.StartGuardAsync();
        await _stage.UntilAsync(() => _stage.GreenIsOpen, "Green open");
        Assert.True(_stage.BlueIsClosed);
        await _stage.UntilAsync(() => _stage.Routed.Any(act => act.StartsWith("SWITCH ", StringComparison.Ordinal) && act.Contains($" {_stage.Green[0].Endpoint.Port}", StringComparison.Ordinal)), "The router's switch");
    }

    [Fact]
    public async Task A_live_owner_is_not_taken_over_and_a_dead_one_is_under_a_higher_epoch()
    {
        var one = await _stage.StartOperatorAsync();
        var other = await _stage.StartOperatorAsync("u2");
        Assert.Equal("epoch 1", await one.DoAsync("connect"));
        await other.ExpectErrorAsync("connect", "ServiceBusy");
        await one.KillAsync();
        Assert.Equal(2, await other.TakeOverAsync());
    }

    [Fact]
    public async Task A_stopped_owner_who_was_taken_over_is_refused_everything_and_told_that_the_lease_is_lost()
    {
        var one = await _stage.ArmAsync(60_000);
        await one.ExpectAsync("close", "ok");
        one.Stop();
        var other = await _stage.StartOperatorAsync();
        Assert.Equal(2, await other.TakeOverAsync());
        one.Continue();
        foreach (var act in (string[])["commit w1", "expire w1", "close", "open-blue", "open-green", "complete w1", "demote green 1000", "arm w2 1000"])
            await one.ExpectErrorAsync(act, "StaleEpoch");

        await one.ExpectAsync("lost", "True");
        await other.ExpectAsync("window", "w1 Undecided False");
        await other.ExpectAsync("expire w1", "Expired");
        await _stage.UntilAsync(() => _stage.BlueIsOpen, "Blue open again");
    }

    [Fact]
    public async Task A_commit_is_reverted_only_while_green_was_not_opened_and_raises_the_epoch()
    {
        var one = await _stage.ArmAsync(60_000);
        await one.ExpectAsync("close", "ok");
        await one.ExpectErrorAsync("revert w1", "NotRevertible");
        await one.ExpectAsync("commit w1", "Committed");
        await one.ExpectAsync("revert w1", "Expired");
        await _stage.UntilAsync(() => _stage.BlueIsOpen, "Blue open again");
        await one.ExpectErrorAsync("open-green", "NoRightToOpen");
        Assert.True(File.Exists(Path.Combine(WindowFolder, "outcome.1")));
        await one.ExpectAsync("complete w1", "ok");
        await one.ExpectAsync("arm w2 60000", "ok");
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync("commit w2", "Committed");
        await one.ExpectAsync("open-green", "ok");
        await one.ExpectErrorAsync("revert w2", "TargetWasOpened");
        Assert.True(_stage.BlueIsClosed);
    }

    [Fact]
    public async Task An_act_of_the_engine_reaches_only_the_cluster_that_lost()
    {
        var one = await _stage.ArmAsync(60_000);
        await one.ExpectErrorAsync("demote green 5000", "ClusterIsLive");
        await one.ExpectErrorAsync("demote blue 5000", "ClusterIsLive");
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync("commit w1", "Committed");
        await one.ExpectErrorAsync("demote blue 5000", "ClusterIsLive");
        await one.ExpectAsync("open-green", "ok");
        await one.ExpectAsync("demote blue 5000", "ok Blue follows.");
        await one.ExpectErrorAsync("demote green 5000", "ClusterIsLive");
        Assert.All(_stage.Blue, node => Assert.StartsWith("DEMOTE", node.Acts[^1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_act_that_takes_too_long_is_ended_and_what_it_sent_never_takes_effect()
    {
        var one = await _stage.StartOperatorAsync();
        await one.DoAsync("connect");
        Array.ForEach(_stage.Green, node => node.Freeze());
        await one.ExpectErrorAsync("demote green 300", "NodeTimeout");
        await one.ExpectAsync("arm w1 60000", "ok");
        await one.ExpectAsync("prepare", "ok");
        await one.ExpectAsync("close", "ok");
        Array.ForEach(_stage.Green, node => node.GoOn());
        await one.ExpectAsync("commit w1", "Committed");
        await one.ExpectAsync("open-green", "ok");
        Assert.All(_stage.Green, node => Assert.DoesNotContain(node.Acts, act => act.StartsWith("DEMOTE", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("outcome", "{\"WindowId\":\"w1\",\"Outc")]
    [InlineData("outcome", "")]
    [InlineData("plan.json", "{")]
    public async Task A_damaged_file_of_the_open_window_stops_the_guard_and_opens_nothing(string file, string content)
    {
        var one = await _stage.ArmAsync(60_000);
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync("commit w1", "Committed");
        one.Stop(); // Alive, as far as the guard can tell, and unable to start another one.
        await _stage.KillGuardAsync();
        await one.KillAsync();
        await File.WriteAllTextAsync(Path.Combine(WindowFolder, file), content);
        var guard = await _stage.StartGuardAsync();
        await _stage.UntilAsync(() => !RunningProcess.IsRunning(guard), "The end of the guard");
        Assert.Contains("GuardFileDamaged", _stage.GuardLog, StringComparison.Ordinal);
        Assert.True(_stage.BlueIsClosed);
        Assert.True(_stage.GreenIsClosed);
    }

    [Fact]
    public async Task A_register_with_a_torn_newest_slot_goes_on_from_the_one_before_and_one_without_a_whole_slot_stops_the_guard()
    {
        var one = await _stage.ArmAsync(60_000);
        await one.ExpectAsync("close", "ok");
        one.Stop(); // It would start another guard.
        await _stage.KillGuardAsync();
        var register = Path.Combine(GuardFolder, "register");
        var bytes = await File.ReadAllBytesAsync(register);
        var slots = Enumerable.Range(0, 2).Select(slot => Encoding.ASCII.GetString(bytes, slot * bytes.Length / 2, 128)).ToList();
        var newest = slots.FindIndex(slot => slot == slots.MaxBy(header => long.Parse(header.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));

        Tear(register, bytes, newest);
        one.Continue();
        await one.ExpectAsync("window", "none");
        await one.KillAsync();
        await _stage.KillGuardAsync();

        Tear(register, await File.ReadAllBytesAsync(register), 0);
        Tear(register, await File.ReadAllBytesAsync(register), 1);
        var guard = await _stage.StartGuardAsync();
        await _stage.UntilAsync(() => !RunningProcess.IsRunning(guard), "The end of the guard");
        Assert.Contains("RegisterDamaged", _stage.GuardLog, StringComparison.Ordinal);
        Assert.True(_stage.BlueIsClosed);
    }

    [Fact]
    public async Task Nobody_but_the_owner_can_read_or_reach_anything_in_the_guards_folder()
    {
        var one = await _stage.ArmAsync(60_000);
        await one.ExpectAsync("close", "ok");
        await one.ExpectAsync("commit w1", "Committed");
        Assert.Equal(DurableFile.OwnerOnlyFolder, File.GetUnixFileMode(GuardFolder));
        Assert.True(File.Exists(Path.Combine(GuardFolder, "guard.sock")));
        foreach (var path in Directory.EnumerateFileSystemEntries(GuardFolder, "*", SearchOption.AllDirectories))
            Assert.True(File.GetUnixFileMode(path) == (Directory.Exists(path) ? DurableFile.OwnerOnlyFolder : DurableFile.OwnerOnly), $"{path}: {File.GetUnixFileMode(path)}");
    }

    [Fact]
    public async Task A_folder_that_others_can_write_to_is_refused()
    {
        Directory.CreateDirectory(GuardFolder);
        File.SetUnixFileMode(GuardFolder, DurableFile.OwnerOnlyFolder | UnixFileMode.GroupWrite);
        var one = await _stage.StartOperatorAsync();
        await one.ExpectErrorAsync("connect", "GuardFolderExposed");
    }

    [Fact]
    public async Task The_guard_is_in_a_session_of_its_own_with_nothing_of_ours()
    {
        var one = await _stage.ArmAsync(60_000);
        var fields = (await File.ReadAllTextAsync($"/proc/{_stage.Guard.Id}/stat")).Split(") ")[1].Split(' ');
        Assert.Equal(_stage.Guard.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), fields[3]);
        Assert.Equal("0", fields[4]);
        Assert.Equal("/dev/null", File.ResolveLinkTarget($"/proc/{_stage.Guard.Id}/fd/0", returnFinalTarget: false)!.FullName);
        await one.KillAsync();
        Assert.True(_stage.GuardRuns);
    }

    [Fact]
    public async Task Of_a_commit_and_a_deadline_that_race_exactly_one_wins_and_both_sides_agree()
    {
        // The deadline is so near that either may win; what is asserted holds whichever does.
        var one = await _stage.StartOperatorAsync();
        await one.DoAsync("connect");
        await one.ExpectAsync("arm w1 400", "ok");
        var closed = await one.DoAsync("close");
        var told = closed == "ok" ? await one.DoAsync("commit w1") : "Expired";
        Assert.True(told is "Committed" or "Expired", told);
        await _stage.UntilAsync(() => File.Exists(Path.Combine(WindowFolder, "outcome")), "An outcome");
        Assert.Contains($"\"{told}\"", await File.ReadAllTextAsync(Path.Combine(WindowFolder, "outcome")), StringComparison.Ordinal);
        if (told == "Committed")
            await one.ExpectAsync("open-green", "ok");

        await _stage.UntilAsync(() => told == "Committed" ? _stage.GreenIsOpen : _stage.BlueIsOpen, "The winner's opening");
        Assert.True(told == "Committed" ? _stage.BlueIsClosed : _stage.GreenIsClosed);
    }

    private static void Tear(string register, byte[] bytes, int slot)
    {
        // A part of the slot's document did not reach the disk.
        bytes.AsSpan((slot * bytes.Length / 2) + 140, 20).Clear();
        File.WriteAllBytes(register, bytes);
    }
}
