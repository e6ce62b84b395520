using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>Shards on six machines, upgraded one after another on their own disks.</summary>
public sealed class ShardedReuseTests(ITestOutputHelper output)
{
    private static readonly string[] Upgrade = ["upgrade", ShardedReuseService.File, "--strategy", "shard-by-shard", "--shard-strategy", "volume-reuse", "--yes"];
    private static readonly string[] AtHome = ["m1", "m2", "m3", "m4", "m5", "m6"];

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task The_first_failure_leaves_the_rest_untouched_resume_finishes_and_undo_brings_every_disk_home()
    {
        await using var bed = new TestBed(output);
        var service = await ShardedReuseService.StartAsync(bed);
        await using var watch = new MountWatch(service.Machines, service.Disks);
        await using var holder = service.Machines["m5"].Start("sh", "-c", $"cd {ShardedReuseService.MountPoint(5)} && echo holding && exec sleep 2000");
        await holder.WaitForLineAsync("holding", ReuseService.Patience);

        var failed = await service.Product.RunAsync([.. Upgrade, "--through", "switch"]);
        output.WriteLine(failed.Output);
        Assert.Equal("VolumeBusy", failed.ErrorId);
        Assert.Contains("Shard 'b'", failed.Output, StringComparison.Ordinal);
        Assert.Equal(["m1", "m2", "m3", "m5", "m5", "m6"], await service.PlacesAsync());
        await service.GoesOnAsync();

        await holder.KillAsync();
        (await FinishAsync(service, "resume", ShardedReuseService.File)).Succeeded();
        Assert.Equal(["m1", "m2", "m3", "m5", "m6", "m4"], await service.PlacesAsync());
        await service.GoesOnAsync();

        (await FinishAsync(service, "undo", ShardedReuseService.File, "--yes")).Succeeded();
        Assert.Equal(AtHome, await service.PlacesAsync());
        await service.GoesOnAsync();
        await watch.StopAsync();
        Assert.Empty(watch.Seen);
        await service.AssertFlawlessAsync(green: false);
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task All_shards_are_upgraded_to_the_end_on_their_own_disks()
    {
        await using var bed = new TestBed(output);
        var service = await ShardedReuseService.StartAsync(bed);
        await using var watch = new MountWatch(service.Machines, service.Disks);

        (await FinishAsync(service, Upgrade)).Succeeded();
        Assert.Equal(["m2", "m3", "m1", "m5", "m6", "m4"], await service.PlacesAsync());
        await service.GoesOnAsync();
        await watch.StopAsync();
        Assert.Empty(watch.Seen);
        await service.AssertFlawlessAsync(green: true);
    }

    // A machine with more to do than it can takes longer to answer than a silence may last: then the upgrade has stopped in good order, and goes on when it is told to.
    private async Task<CommandOutcome> FinishAsync(ShardedReuseService service, params string[] command)
    {
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await service.Product.RunAsync(command);
            output.WriteLine(outcome.Output);
            if (attempt == 4 || outcome.ErrorId is not ("HostConnectionLost" or "HostUnreachable" or "VolumeStranded"))
            {
                return outcome;
            }

            command = command[0] == "upgrade" ? ["resume", ShardedReuseService.File] : command;
        }
    }
}
