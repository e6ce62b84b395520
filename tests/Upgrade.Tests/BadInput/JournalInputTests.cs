using System.Text;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Journal;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.BadInput;

/// <summary>What stands in a state folder, or works on it, and forbids to go on.</summary>
public sealed class JournalInputTests(ITestOutputHelper output)
{
    private const int Damaged = 10;
    private const int Busy = 5;
    private const int WrongState = 4;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_journal_of_a_newer_version_is_not_touched()
    {
        await using var bed = new TestBed(output);
        var (service, journal) = await BeginAsync(bed);
        await File.AppendAllTextAsync(journal, JournalLine.Format(new JournalEntry { Kind = JournalKind.Note, Text = "from the future", Epoch = 1 }).Replace($"\"v\":{JournalEntry.CurrentSchema}", "\"v\":99", StringComparison.Ordinal));
        await RefuseAsync(service, journal, "JournalFromNewerVersion", "schema 99");
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_damaged_journal_is_not_touched()
    {
        await using var bed = new TestBed(output);
        var (service, journal) = await BeginAsync(bed);
        var bytes = await File.ReadAllBytesAsync(journal);
        var second = Encoding.UTF8.GetString(bytes).IndexOf('\n', StringComparison.Ordinal) + 20;
        bytes[second] ^= 1;
        await File.WriteAllBytesAsync(journal, bytes);
        await RefuseAsync(service, journal, "JournalDamaged", "Line 2");
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_service_that_another_operator_holds()
    {
        await using var bed = new TestBed(output);
        var service = await StartAsync(bed);
        var first = OperatorProcess.Start(service, new FaultOrder { At = (StepName.Replicate, FaultMoment.BeforeAct) }, "upgrade", service.File, "--yes", "--through", "replicate");
        await first.WaitForFaultAsync("Wait", Soon);

        var second = await OperatorProcess.RunAsync(service, Soon, "upgrade", service.File, "--yes");
        Assert.Equal(("ServiceBusy", Busy), (second.ErrorId, second.ExitCode));
        Assert.Contains(first.Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), second.Output, StringComparison.Ordinal);

        first.LetGo();
        (await first.WaitAsync(Soon)).Succeeded();
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_service_that_another_operator_holds_with_a_journal_of_his_own()
    {
        await using var bed = new TestBed(output);
        var service = await StartAsync(bed);
        var first = OperatorProcess.Start(service, new FaultOrder { At = (StepName.Snapshot, FaultMoment.BeforeAct) }, "upgrade", service.File, "--yes", "--through", "provision");
        await first.WaitForFaultAsync("Wait", Soon);

        var second = await OperatorProcess.RunAsync(service, Soon, "upgrade", service.File, "--yes", "--state", bed.NewFolder("mine"));
        Assert.Equal(("ServiceBusy", Busy), (second.ErrorId, second.ExitCode));

        first.LetGo();
        (await first.WaitAsync(Soon)).Succeeded();
    }

    [ServerTheory("redis-7.0", "redis-8.0")]
    [InlineData("resume")]
    [InlineData("undo")]
    [InlineData("report")]
    public async Task A_command_for_an_upgrade_that_was_never_begun(string command)
    {
        await using var bed = new TestBed(output);
        var service = await StartAsync(bed);
        var outcome = await OperatorProcess.RunAsync(service, Soon, command switch
        {
            "undo" => [command, service.File, "--yes"],
            "report" => [command, service.File, "--html", Path.Combine(bed.Folder, "report.html")],
            _ => [command, service.File],
        });
        Assert.Equal(("NoUpgrade", WrongState), (outcome.ErrorId, outcome.ExitCode));
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task An_upgrade_that_does_not_exist()
    {
        await using var bed = new TestBed(output);
        var service = await StartAsync(bed);
        var outcome = await OperatorProcess.RunAsync(service, Soon, "resume", service.File, "--id", "orders-20200101T000000Z");
        Assert.Equal(("JournalNotFound", 3), (outcome.ErrorId, outcome.ExitCode));
        Assert.Contains("orders-20200101T000000Z", outcome.Output, StringComparison.Ordinal);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_second_upgrade_to_another_version_while_one_is_under_way()
    {
        await using var bed = new TestBed(output);
        var (service, journal) = await BeginAsync(bed);
        var before = await File.ReadAllTextAsync(journal);
        var outcome = await OperatorProcess.RunAsync(service, Soon, "upgrade", service.File, "--yes", "--to", "7.0", "--through", "provision");
        Assert.Equal(("OtherUpgradeUnderWay", WrongState), (outcome.ErrorId, outcome.ExitCode));
        Assert.Equal(before, await File.ReadAllTextAsync(journal));
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task An_upgrade_of_another_service()
    {
        await using var bed = new TestBed(output);
        var (service, journal) = await BeginAsync(bed);
        var other = Path.Combine(bed.Folder, "other.yaml");
        await File.WriteAllTextAsync(other, (await File.ReadAllTextAsync(service.File)).Replace(service.Name, "other-service", StringComparison.Ordinal));
        var outcome = await OperatorProcess.RunAsync(service, Soon, "undo", other, "--id", Path.GetFileNameWithoutExtension(journal), "--yes");
        Assert.Equal(("OtherService", 2), (outcome.ErrorId, outcome.ExitCode));
    }

    private static async Task<LiveService> StartAsync(TestBed bed)
    {
        var service = await LiveService.StartAsync(bed, new ServiceShape());
        await service.StartGatewayAsync();
        return service;
    }

    private static async Task<(LiveService Service, string Journal)> BeginAsync(TestBed bed)
    {
        var service = await StartAsync(bed);
        (await OperatorProcess.RunAsync(service, Soon, "upgrade", service.File, "--yes", "--through", "provision")).Succeeded();
        return (service, Directory.EnumerateFiles(Path.Combine(service.StateFolder, "upgrades"), "*.jsonl").Single());
    }

    private static async Task RefuseAsync(LiveService service, string journal, string error, string said)
    {
        var before = await File.ReadAllBytesAsync(journal);
        foreach (var command in new[] { "resume", "undo", "upgrade" })
        {
            var outcome = await OperatorProcess.RunAsync(service, Soon, command == "resume" ? [command, service.File] : [command, service.File, "--yes"]);
            Assert.Equal((error, Damaged), (outcome.ErrorId, outcome.ExitCode));
            Assert.Contains(said, outcome.Output, StringComparison.Ordinal);
            Assert.Contains(journal, outcome.Output, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(journal));
    }
}
