using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Servers;
using static StatefulDeploy.SharedJournal.Tests.JournalScene;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>What every store of journals must do, in a folder and in Blob Storage.</summary>
[Collection(nameof(AzuriteCollection))]
public sealed class JournalStoreTests(AzuriteFixture azurite)
{
    [Theory]
    [ServerData(Folder)]
    [ServerData(Blob)]
    public async Task What_was_appended_is_read_in_order_by_everybody_once_it_is_shared(string kind)
    {
        await using var scene = new JournalScene(azurite, kind);
        var store = scene.On("one");
        await using var lease = await AcquireAsync(store);
        await using (var journal = await lease.OpenAsync("u1", default))
        {
            Assert.Equal(kind == Blob, journal.IsShared);
            journal.Append(Line("a"), Line("b"));
            journal.AppendBehind(Line("c"));
            Assert.Equal(["a", "b", "c"], await NamesAsync(store, "u1"));
            await journal.SharedAsync(default);
            Assert.Equal(["a", "b", "c"], await NamesAsync(scene.On("two"), "u1"));
        }

        await using (var again = await lease.OpenAsync("u1", default))
        {
            again.Append(Line("d"));
            await again.SharedAsync(default);
        }

        Assert.Equal(["a", "b", "c", "d"], await NamesAsync(scene.On("two"), "u1"));
        Assert.Equal(["u1"], await scene.On("two").ListAsync(default));
    }

    [Theory]
    [ServerData(Folder)]
    [ServerData(Blob)]
    public async Task A_live_holder_is_never_taken_over_and_one_that_gave_it_back_can_be_followed(string kind)
    {
        await using var scene = new JournalScene(azurite, kind);
        Assert.Null(await scene.On("two").FindHolderAsync(default));
        await using (await AcquireAsync(scene.On("one"), "keeper"))
        {
            var refused = await Assert.ThrowsAsync<UpgradeException>(() => AcquireAsync(scene.On("two")));

            Assert.Equal(("ServiceBusy", FailureCategory.Busy), (refused.ErrorId, refused.Category));
            Assert.Contains($"keeper process {Environment.ProcessId} on {Environment.MachineName}", refused.Message, StringComparison.Ordinal);
            Assert.Equal("keeper", (await scene.On("two").FindHolderAsync(default))!.Role);
        }

        Assert.Null(await scene.On("two").FindHolderAsync(default));
        await using var next = await AcquireAsync(scene.On("two"));
        Assert.False(next.Lost.IsCancellationRequested);
    }

    [Theory]
    [ServerData(Folder)]
    [ServerData(Blob)]
    public async Task A_wish_to_stop_is_seen_by_everybody_until_it_is_forgotten(string kind)
    {
        await using var scene = new JournalScene(azurite, kind);
        await scene.On("one").ForgetStopAsync("u1", default);
        Assert.False(await scene.On("one").IsAskedToStopAsync("u1", default));
        await scene.On("two").AskToStopAsync("u1", default);
        await scene.On("two").AskToStopAsync("u1", default);
        Assert.True(await scene.On("one").IsAskedToStopAsync("u1", default));
        await scene.On("one").ForgetStopAsync("u1", default);
        Assert.False(await scene.On("two").IsAskedToStopAsync("u1", default));
    }

    [Theory]
    [ServerData(Folder)]
    [ServerData(Blob)]
    public async Task Upgrades_are_listed_newest_first_and_get_ids_of_their_own(string kind)
    {
        await using var scene = new JournalScene(azurite, kind);
        var store = scene.On("one");
        var now = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await using var lease = await AcquireAsync(store);
        for (var number = 0; number < 2; number++)
        {
            await (await lease.OpenAsync(await store.NewIdAsync("orders", now, default), default)).DisposeAsync();
        }

        await (await lease.OpenAsync(await store.NewIdAsync("orders", now.AddDays(1), default), default)).DisposeAsync();
        Assert.Equal(["orders-20300103T030405Z", "orders-20300102T030405Z-2", "orders-20300102T030405Z"], await scene.On("two").ListAsync(default));
    }

    [Theory]
    [ServerData(Folder)]
    [ServerData(Blob)]
    public async Task A_journal_that_is_missing_is_told_by_its_place(string kind)
    {
        await using var scene = new JournalScene(azurite, kind);
        var store = scene.On("one");
        Assert.Null(await store.FindAsync("u1", default));
        var missing = await Assert.ThrowsAsync<UpgradeException>(() => store.ReadAsync("u1", default));
        Assert.Equal("JournalNotFound", missing.ErrorId);
        Assert.Contains(store.LocationOf("u1"), missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [ServerData(Folder)]
    [ServerData(Blob)]
    public async Task A_line_of_an_epoch_that_had_been_taken_over_does_not_count(string kind)
    {
        await using var scene = new JournalScene(azurite, kind);
        await using var lease = await AcquireAsync(scene.On("one"));
        await using var journal = await lease.OpenAsync("u1", default);
        journal.Append(Line("old", 3), Line("new", 4), Line("late", 3), Line("newer", 4));
        await journal.SharedAsync(default);
        Assert.Equal(["old", "new", "newer"], await NamesAsync(scene.On("two"), "u1"));
    }
}
