using System.Text;
using StatefulDeploy.Azure.Journal;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Journal;
using static StatefulDeploy.SharedJournal.Tests.JournalScene;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>The append blob has the lines of the local file, each once and in order, whatever happens on the way.</summary>
[Collection(nameof(AzuriteCollection))]
public sealed class BlobJournalTests(AzuriteFixture azurite)
{
    private static readonly Fault[] Faults = [Fault.Throttled, Fault.Unavailable, Fault.CutBefore, Fault.CutAfter];

    [ServerTheory("azurite")]
    [InlineData("Throttled")]
    [InlineData("Unavailable")]
    [InlineData("CutBefore")]
    [InlineData("CutAfter")]
    [InlineData("any")]
    public async Task No_line_is_lost_or_doubled_when_appends_fail_on_the_way(string fault)
    {
        await using var scene = new JournalScene(azurite);
        await using var proxy = await FaultProxy.StartAsync(scene.Azurite.Port);
        var store = scene.Through(proxy.Port, "one");
        await using var lease = await AcquireAsync(store);
        await using (var journal = await lease.OpenAsync("u1", default))
        {
            var random = new Random(7);
            var appends = 0;
            proxy.OnAppend = () => ++appends % 2 == 0 ? Fault.None : Enum.TryParse<Fault>(fault, out var one) ? one : random.GetItems(Faults, 1)[0];
            for (var number = 0; number < 40; number++)
            {
                journal.Append(Line($"{number}"));
                if (number % 5 == 4)
                    await journal.SharedAsync(default);
            }
        }

        Assert.True(proxy.Spoiled > 5, $"{proxy.Spoiled} requests were spoiled");
        Assert.Equal(Enumerable.Range(0, 40).Select(number => $"{number}"), await NamesAsync(scene.On("two"), "u1"));
        Assert.Equal(await File.ReadAllTextAsync(store.CopyOf("u1").Path), await scene.Storage.ReadAsync(BlobJournalStore.NameOf("u1")));
    }

    [ServerFact("azurite")]
    public async Task While_storage_is_away_lines_are_on_this_machine_and_go_there_when_it_is_back()
    {
        await using var scene = new JournalScene(azurite);
        var store = scene.On("one");
        await using var lease = await AcquireAsync(store);
        await using var journal = await lease.OpenAsync("u1", default);
        journal.Append(Line("a"));
        await journal.SharedAsync(default);
        await scene.Azurite.SuspendAsync();
        journal.Append(Line("b"));
        journal.AppendBehind(Line("c"));
        await journal.FlushedAsync();
        Assert.Equal(["a", "b", "c"], JournalFile.Read(((BlobJournalStore)store).CopyOf("u1").Path).Select(entry => entry.Name));
        using (var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => journal.SharedAsync(impatient.Token));
        }

        scene.Azurite.Continue();
        await journal.SharedAsync(default);
        Assert.Equal(["a", "b", "c"], await NamesAsync(scene.On("two"), "u1"));
    }

    [ServerFact("azurite")]
    public async Task A_machine_that_was_killed_at_any_byte_sends_its_whole_lines_when_it_goes_on()
    {
        await using var scene = new JournalScene(azurite);
        var store = (BlobJournalStore)scene.On("one");
        await using var lease = await AcquireAsync(store);
        var first = JournalText.Format(Line("b"));
        var unsent = JournalText.Format(Line("b"), Line("c"));
        int[] cuts = [.. Enumerable.Range(0, unsent.Length / 23).Select(cut => cut * 23), first.Length - 1, first.Length, first.Length + 1, unsent.Length - 1, unsent.Length];
        foreach (var length in cuts.Distinct())
        {
            var id = $"u{length}";
            await using (var killed = await lease.OpenAsync(id, default))
            {
                killed.Append(Line("a"));
                await killed.SharedAsync(default);
            }

            await using (var file = new FileStream(store.CopyOf(id).Path, FileMode.Append))
            {
                await file.WriteAsync(unsent.AsMemory(0, length));
            }

            await using (var again = await lease.OpenAsync(id, default))
            {
                again.Append(Line("d"));
                await again.SharedAsync(default);
            }

            string[] expected = length == unsent.Length ? ["a", "b", "c", "d"] : length >= first.Length ? ["a", "b", "d"] : ["a", "d"];
            Assert.Equal(expected, await NamesAsync(scene.On("two"), id));
        }
    }

    [ServerFact("azurite")]
    public async Task Lines_that_never_left_a_machine_are_put_aside_when_another_went_on_without_them()
    {
        await using var scene = new JournalScene(azurite);
        var one = (BlobJournalStore)scene.On("one");
        await WriteAsync(one, Line("a"));
        await File.AppendAllTextAsync(one.CopyOf("u1").Path, Encoding.UTF8.GetString(JournalText.Format(Line("unsent"))));
        Assert.Equal(["a", "unsent"], await NamesAsync(one, "u1"));
        Assert.Equal(["a"], await NamesAsync(scene.On("two"), "u1"));

        await WriteAsync(scene.On("two"), Line("other", 2));

        Assert.Equal(["a", "other"], await NamesAsync(one, "u1"));
        await WriteAsync(one, Line("again", 3));
        Assert.Equal(["a", "other", "again"], await NamesAsync(scene.On("two"), "u1"));
        var aside = Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(one.CopyOf("u1").Path)!, "*superseded*"));
        Assert.Equal(["a", "unsent"], JournalFile.Read(aside).Select(entry => entry.Name));
        await WriteAsync(one, Line("more", 3));
    }

    [ServerFact("azurite")]
    public async Task Who_writes_into_a_journal_past_the_lease_holder_is_found_and_nothing_is_written_behind_it()
    {
        await using var scene = new JournalScene(azurite);
        await scene.Storage.WriteJournalAsync(BlobJournalStore.NameOf("u1"), Text("a"));
        await using var lease = (BlobLease)await AcquireAsync(scene.On("one"));
        await using var journal = await lease.OpenAsync("u1", default);
        (await scene.Blobs.AppendAsync(BlobJournalStore.NameOf("u1"), JournalText.Format(Line("foreign")), Encoding.UTF8.GetByteCount(Text("a")), lease.Owner, default)).OrThrow(scene.Blobs.Address, "writing");

        journal.Append(Line("b"));
        var refused = await Assert.ThrowsAsync<UpgradeException>(() => journal.SharedAsync(default));

        Assert.Equal(("JournalTakenOver", FailureCategory.StaleEpoch), (refused.ErrorId, refused.Category));
        Assert.Equal(["a", "foreign"], await NamesAsync(scene.On("two"), "u1"));
    }

    [ServerFact("azurite")]
    public async Task A_torn_last_line_is_not_read_and_not_written_behind_and_other_damage_is_told_with_its_line()
    {
        await using var scene = new JournalScene(azurite);
        await scene.Storage.WriteJournalAsync(BlobJournalStore.NameOf("torn"), Text("a") + Text("b")[..20]);
        await scene.Storage.WriteJournalAsync(BlobJournalStore.NameOf("damaged"), Text("a") + Text("b").Replace("\"b\"", "\"B\"", StringComparison.Ordinal) + Text("c"));
        await scene.Storage.WriteJournalAsync(BlobJournalStore.NameOf("newer"), Text("a") + "{\"v\":2,\"time\":\"2030-01-01T00:00:00Z\",\"somethingNew\":true}\n");
        var store = scene.On("one");
        await using var lease = await AcquireAsync(store);

        Assert.Equal(["a"], await NamesAsync(store, "torn"));
        Assert.Equal("JournalDamaged", (await Assert.ThrowsAsync<UpgradeException>(() => lease.OpenAsync("torn", default))).ErrorId);
        var damaged = await Assert.ThrowsAsync<UpgradeException>(() => store.ReadAsync("damaged", default));
        Assert.Equal("JournalDamaged", damaged.ErrorId);
        Assert.Contains("Line 2", damaged.Message, StringComparison.Ordinal);
        Assert.Contains(store.LocationOf("damaged"), damaged.Message, StringComparison.Ordinal);
        Assert.Equal("JournalFromNewerVersion", (await Assert.ThrowsAsync<UpgradeException>(() => lease.OpenAsync("newer", default))).ErrorId);
    }

    [ServerFact("azurite")]
    public async Task A_container_that_is_missing_a_key_that_is_wrong_and_storage_that_is_away_are_told()
    {
        await using var scene = new JournalScene(azurite);
        var account = AzuriteServer.AddressAt(scene.Azurite.Port);
        await FailsAsync("JournalContainerNotFound", FailureCategory.NotFound, "'nowhere'", JournalScene.BlobsAt($"{account}/nowhere/orders"));
        await FailsAsync("JournalAccessDenied", FailureCategory.AccessDenied, "Storage Blob Data Contributor", JournalScene.BlobsAt(scene.Address, BlobAuthorization.ByKey(AzuriteServer.Account, Convert.ToBase64String(new byte[32]))));
        await FailsAsync("JournalUnreachable", FailureCategory.Unreachable, "can be reached", JournalScene.BlobsAt($"{AzuriteServer.AddressAt(FreePort.Take())}/journals/orders"));

        async Task FailsAsync(string id, FailureCategory category, string says, BlobContainer container)
        {
            var store = new BlobJournalStore(container, scene.Bed.NewFolder("bad"), TimeProvider.System);
            foreach (var act in new Func<Task>[] { () => store.ListAsync(default), () => store.FindAsync("u1", default), () => AcquireAsync(store) })
            {
                var failure = await Assert.ThrowsAsync<UpgradeException>(act);
                Assert.Equal((id, category), (failure.ErrorId, failure.Category));
                Assert.Contains(says, failure.Message + failure.RecommendedAction, StringComparison.Ordinal);
                Assert.DoesNotContain("sig=", failure.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [ServerFact("azurite")]
    public async Task A_shared_access_signature_serves_and_one_that_may_only_read_reads()
    {
        await using var scene = new JournalScene(azurite);
        var full = new BlobJournalStore(JournalScene.BlobsAt(scene.Address, BlobAuthorization.BySignature(AccountSignature.Of("rwdlac"))), scene.Bed.NewFolder("full"), TimeProvider.System);
        var readOnly = new BlobJournalStore(JournalScene.BlobsAt(scene.Address, BlobAuthorization.BySignature("?" + AccountSignature.Of("rl"))), scene.Bed.NewFolder("read"), TimeProvider.System);
        await WriteAsync(full, Line("a"));

        Assert.Equal(["a"], await NamesAsync(readOnly, "u1"));
        var refused = await Assert.ThrowsAsync<UpgradeException>(() => AcquireAsync(readOnly));
        Assert.Equal(("JournalAccessDenied", FailureCategory.AccessDenied), (refused.ErrorId, refused.Category));
        Assert.DoesNotContain("sig=", refused.ToString(), StringComparison.Ordinal);
    }

    private static string Text(string name) => Encoding.UTF8.GetString(JournalText.Format(Line(name)));

    /// <summary>Takes the service, writes into its journal, and gives it back.</summary>
    private static async Task WriteAsync(IJournalStore store, params JournalEntry[] entries)
    {
        await using var lease = await AcquireAsync(store);
        await using var journal = await lease.OpenAsync("u1", default);
        journal.Append(entries);
        await journal.SharedAsync(default);
    }
}
