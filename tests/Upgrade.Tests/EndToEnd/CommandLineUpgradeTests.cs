using System.Net.Sockets;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.EndToEnd;

/// <summary>The real command upgrades a live service and takes it back, under load, and nobody notices.</summary>
public sealed class CommandLineUpgradeTests(ITestOutputHelper output)
{
    [Theory]
    [ServerData("redis-7.0", "redis-8.0", 0, false, 0)]
    [ServerData("redis-7.0", "redis-8.0", 1, true, 3)]
    [ServerData("redis-7.0", "valkey-8.1", 0, true, 0)]
    [ServerData("redis-7.0", "redis-7.0", 1, false, 2)]
    [ServerData("garnet-2.2.2", "garnet-2.2.8", 0, false, 0)]
    public async Task A_service_is_switched_and_switched_back_under_load_and_nothing_fails(string from, string to, int replicas, bool accounts, int database)
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape { From = from, To = to, Replicas = replicas, Accounts = accounts, Database = database });
        await run.GoesOnAsync();

        await OperateAsync(run, "upgrade", run.Service.File, "--yes", "--through", "switch", "--verbose");
        await run.GoesOnAsync();
        await run.Sample.AssertOnAsync(run.Service.GreenAddress);

        await OperateAsync(run, "undo", run.Service.File, "--yes", "--verbose");
        await run.GoesOnAsync();
        await run.Sample.AssertOnAsync(run.Service.Blue.EndPoint);

        await run.AssertFlawlessAsync(run.Service.Blue.EndPoint);
        Assert.Empty(Directory.EnumerateFileSystemEntries(run.Service.GreenFolder));
        await NothingIsLeftAsync(run);
    }

    [Theory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_service_is_upgraded_to_the_end_in_one_command_and_goes_on_without_blue(string from, string to)
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape { From = from, To = to });
        await OperateAsync(run, "upgrade", run.Service.File, "--yes");
        await run.GoesOnAsync();

        Assert.Equal(0, ProductProcess.ListeningOn(run.Service.Blue.Port));
        await run.Sample.AssertOnAsync(run.Service.GreenAddress);
        await run.AssertFlawlessAsync(run.Service.GreenAddress);
        var status = await OperateAsync(run, "status", run.Service.File, "--json");
        Assert.Contains("\"status\": \"Completed\"", status.Output, StringComparison.Ordinal);
        await NothingIsLeftAsync(run);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Green_of_three_nodes_takes_over_from_a_blue_of_one()
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape { GreenReplicas = 2 });
        await OperateAsync(run, "upgrade", run.Service.File, "--yes", "--through", "switch");
        await run.GoesOnAsync();
        await run.Ledgers[0].StopAsync();

        Assert.Equal(3, run.Service.GreenPorts.Count);
        foreach (var port in run.Service.GreenPorts.Skip(1))
        {
            var replica = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port);
            Assert.Contains($"master_port:{run.Service.GreenAddress.Port}\r\nmaster_link_status:up", await run.Service.AskAsync(replica, "INFO", "replication"), StringComparison.Ordinal);
            await TestBed.WaitUntilAsync(async () => (await run.Ledgers[0].VerifyAsync(run.Service.EndpointAt(replica))).Clean, "the replica has every acknowledged write", UpgradeUnderLoad.Patience);
        }

        await run.AssertFlawlessAsync(run.Service.GreenAddress);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Blue_is_not_retired_while_a_client_uses_it_past_the_router()
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape());
        await OperateAsync(run, "upgrade", run.Service.File, "--yes", "--through", "switch");
        string address;
        using (var straggler = new TcpClient(AddressFamily.InterNetwork))
        {
            await straggler.ConnectAsync(run.Service.Blue.EndPoint);
            address = straggler.Client.LocalEndPoint!.ToString()!;
            var refused = await OperatorProcess.RunAsync(run.Service, UpgradeUnderLoad.Patience, "upgrade", run.Service.File, "--yes");
            output.WriteLine(refused.Output);
            Assert.Equal("ClientsOnBlue", refused.ErrorId);
            Assert.Contains(address, refused.Output.ReplaceLineEndings(string.Empty), StringComparison.Ordinal);
            Assert.Contains("1 client(s)", refused.Output, StringComparison.Ordinal);
            Assert.NotEqual(0, ProductProcess.ListeningOn(run.Service.Blue.Port));
        }

        await OperateAsync(run, "upgrade", run.Service.File, "--yes");

        Assert.Equal(0, ProductProcess.ListeningOn(run.Service.Blue.Port));
        await run.GoesOnAsync();
        await run.AssertFlawlessAsync(run.Service.GreenAddress);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_service_that_was_taken_back_can_be_upgraded_again()
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape());
        await OperateAsync(run, "upgrade", run.Service.File, "--yes", "--through", "switch");
        await OperateAsync(run, "undo", run.Service.File, "--yes");
        await OperateAsync(run, "upgrade", run.Service.File, "--yes", "--through", "switch");
        await run.GoesOnAsync();
        await run.Sample.AssertOnAsync(run.Service.GreenAddress);
        await run.AssertFlawlessAsync(run.Service.GreenAddress);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Undo_stops_a_keeper_that_has_taken_over_before_it_switches()
    {
        await using var bed = new TestBed(output);
        var begun = Path.Combine(bed.Folder, "begun");
        var suite = $"verification:\n  - {{ name: endless, command: [sh, -c, 'echo >> {begun}; sleep 300'], timeout: 10m }}";
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape { MoreYaml = suite });
        var killed = OperatorProcess.Start(run.Service, null, "upgrade", run.Service.File, "--yes", "--through", "switch");
        await TestBed.WaitUntilAsync(() => Task.FromResult(Begun() == 1), "it verifies", UpgradeUnderLoad.Patience);
        await killed.Process.KillAsync();
        await TestBed.WaitUntilAsync(() => Task.FromResult(Begun() == 2), "the keeper verifies in its place", UpgradeUnderLoad.Patience);

        var undone = await OperateAsync(run, "undo", run.Service.File, "--yes");

        Assert.Contains("asked to stop", undone.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Switched\"", string.Concat(Directory.EnumerateFiles(run.Service.StateFolder, "*.jsonl", SearchOption.AllDirectories).Select(File.ReadAllText)), StringComparison.Ordinal);
        await run.GoesOnAsync();
        await run.AssertFlawlessAsync(run.Service.Blue.EndPoint);

        int Begun() => File.Exists(begun) ? File.ReadAllLines(begun).Length : 0;
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task An_upgrade_whose_green_hangs_is_taken_back()
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape());
        await OperateAsync(run, "upgrade", run.Service.File, "--yes", "--through", "replicate");
        var green = ProductProcess.ListeningOn(run.Service.GreenPorts[0]);
        Signals.Stop(green);

        await OperateAsync(run, "undo", run.Service.File, "--yes", "--verbose");

        Assert.Equal(0, ProductProcess.ListeningOn(run.Service.GreenPorts[0]));
        await run.GoesOnAsync();
        await run.AssertFlawlessAsync(run.Service.Blue.EndPoint);
    }

    private async Task<CommandOutcome> OperateAsync(UpgradeUnderLoad run, params string[] arguments)
    {
        var outcome = await OperatorProcess.RunAsync(run.Service, UpgradeUnderLoad.Patience, arguments);
        output.WriteLine(outcome.Output);
        return outcome.Succeeded();
    }

    // The guard and the keeper end by themselves a few seconds after the last one who needed them.
    private async Task NothingIsLeftAsync(UpgradeUnderLoad run)
    {
        try
        {
            await TestBed.WaitUntilAsync(() => Task.FromResult(!Left().Any()), "guard, keeper and relay end when the upgrade has ended", TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            foreach (var process in Left())
            {
                output.WriteLine($"left: {process.Id} {string.Join(' ', process.Arguments)}");
            }

            foreach (var log in Directory.EnumerateFiles(run.Service.Bed.Folder, "*.log", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is "keeper.log" or "guard.log" or "relay.log"))
            {
                output.WriteLine($"{log}:\n{await File.ReadAllTextAsync(log)}");
            }

            throw;
        }

        IEnumerable<ProductProcess> Left() => new[] { "guard", "keeper", "worker" }.SelectMany(verb => ProductProcess.Find(run.Service.Bed.Folder, verb));
    }
}
