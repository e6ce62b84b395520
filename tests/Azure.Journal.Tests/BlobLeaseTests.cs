using StatefulDeploy.Azure.Journal;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;
using static StatefulDeploy.SharedJournal.Tests.JournalScene;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>One operator a service: a dead one's lease can be taken over, a live one's never.</summary>
[Collection(nameof(AzuriteCollection))]
public sealed class BlobLeaseTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [ServerFact("azurite")]
    public async Task A_holder_whose_process_has_ended_on_this_machine_is_taken_over_at_once_with_its_journal()
    {
        await using var scene = new JournalScene(azurite);
        var dead = await HoldAsync(scene, Environment.MachineName, RunningProcess.Self with { StartTicks = 1 });
        Assert.Null(await scene.On("two").FindHolderAsync(default));

        await using var lease = await AcquireAsync(scene.On("two"));
        await using var journal = await lease.OpenAsync("u1", default);
        journal.Append(Line("a"));
        await journal.SharedAsync(default);

        Assert.Equal(Environment.ProcessId, (await scene.On("one").FindHolderAsync(default))!.Process.Id);
        var late = await scene.Blobs.AppendAsync(BlobJournalStore.NameOf("u1"), JournalText.Format(Line("late")), 0, dead, default);
        Assert.True(late.IsLeaseRefusal, $"{late.Status} {late.Code}");
    }

    [ServerFact("azurite")]
    public async Task A_holder_on_another_machine_is_taken_over_only_when_storage_has_ended_its_lease_and_one_that_renews_it_never()
    {
        await using var scene = new JournalScene(azurite);
        await using var lively = new JournalScene(azurite);
        await using var renewed = await AcquireAsync(lively.On("one"));
        await using var written = await renewed.OpenAsync("u1", default);
        var silent = await HoldAsync(scene, "elsewhere", RunningProcess.Self with { StartTicks = 1 });
        Assert.Equal("elsewhere", (await scene.On("two").FindHolderAsync(default))!.Machine);

        IServiceLease? taken = null;
        await TestBed.WaitUntilAsync(
            async () =>
            {
                Assert.Null(await TryAsync(lively.On("two")));
                return (taken = await TryAsync(scene.On("two"))) is not null;
            },
            "the lease ends by itself",
            Soon);
        await using var lease = taken!;
        await using var journal = await lease.OpenAsync("u1", default);
        journal.Append(Line("a"));
        await journal.SharedAsync(default);
        var late = await scene.Blobs.LeaseAsync(BlobJournalStore.LeaseBlob, "renew", silent, null, default);
        Assert.True(late.IsLeaseRefusal, $"{late.Status} {late.Code}");

        Assert.Null(await TryAsync(lively.On("two")));
        written.Append(Line("b"));
        await written.SharedAsync(default);
        Assert.False(renewed.Lost.IsCancellationRequested);
    }

    [ServerFact("azurite")]
    public async Task Who_was_taken_over_is_told_and_adds_no_line()
    {
        await using var scene = new JournalScene(azurite);
        var store = scene.On("one");
        await using var lease = (BlobLease)await AcquireAsync(store);
        await using var journal = await lease.OpenAsync("u1", default);
        journal.Append(Line("a"));
        await journal.SharedAsync(default);

        var other = Guid.NewGuid().ToString();
        foreach (var blob in new[] { BlobJournalStore.LeaseBlob, BlobJournalStore.NameOf("u1") })
        {
            (await scene.Blobs.LeaseAsync(blob, "change", lease.Owner, other, default)).OrThrow(scene.Blobs.Address, "taking over");
        }

        journal.Append(Line("late"));
        var refused = await Assert.ThrowsAsync<UpgradeException>(() => journal.SharedAsync(default));

        Assert.Equal(("LeaseLost", FailureCategory.StaleEpoch), (refused.ErrorId, refused.Category));
        Assert.True(lease.Lost.IsCancellationRequested);
        Assert.Equal(["a"], await NamesAsync(scene.On("two"), "u1"));
    }

    [ServerFact("azurite")]
    public async Task A_heartbeat_tells_who_was_taken_over_though_he_writes_nothing()
    {
        await using var scene = new JournalScene(azurite);
        await using var lease = (BlobLease)await AcquireAsync(scene.On("one"));
        (await scene.Blobs.LeaseAsync(BlobJournalStore.LeaseBlob, "change", lease.Owner, Guid.NewGuid().ToString(), default)).OrThrow(scene.Blobs.Address, "taking over");
        await TestBed.WaitUntilAsync(() => Task.FromResult(lease.Lost.IsCancellationRequested), "he is told", Soon);
    }

    /// <summary>Somebody who holds the service and its journal, and will not renew either.</summary>
    private static async Task<string> HoldAsync(JournalScene scene, string machine, ProcessIdentity process)
    {
        var record = LeaseRecord.OfUs("u1", "operator", TimeProvider.System) with { Machine = machine, Process = process };
        await scene.Blobs.PutAsync(BlobJournalStore.LeaseBlob, "{}", null, anew: true, default);
        await scene.Blobs.MakeForAppendingAsync(BlobJournalStore.NameOf("u1"), default);
        foreach (var blob in new[] { BlobJournalStore.LeaseBlob, BlobJournalStore.NameOf("u1") })
        {
            (await scene.Blobs.LeaseAsync(blob, "acquire", null, record.Owner, default)).OrThrow(scene.Blobs.Address, "holding");
        }

        await scene.Blobs.PutAsync(BlobJournalStore.LeaseBlob, ModelJson.Write(record), record.Owner, anew: false, default);
        return record.Owner;
    }

    private static async Task<IServiceLease?> TryAsync(IJournalStore store)
    {
        try
        {
            return await AcquireAsync(store);
        }
        catch (UpgradeException busy) when (busy.ErrorId == "ServiceBusy")
        {
            Assert.Equal(FailureCategory.Busy, busy.Category);
            return null;
        }
    }
}
