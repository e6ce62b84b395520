using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>What a comparison says, on real servers.</summary>
public sealed class PostgresComparisonTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task It_names_each_row_that_differs_also_without_a_key_and_goes_on_where_it_was_stopped()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, """
            CREATE TABLE keyed (a int, b text, v text, PRIMARY KEY (a, b)); INSERT INTO keyed SELECT i % 300, 'k' || i, 'v' FROM generate_series(1, 25000) i;
            CREATE TABLE bare (a int, b text); ALTER TABLE bare REPLICA IDENTITY FULL; INSERT INTO bare SELECT i % 100, 'x' FROM generate_series(1, 3000) i; INSERT INTO bare VALUES (-1, 'once'), (-2, 'once');
            CREATE TABLE sorted (k text COLLATE "en-x-icu" PRIMARY KEY, v int); INSERT INTO sorted SELECT (ARRAY['a', 'B', 'c', 'D', 'é', '_'])[1 + i % 6] || i, i FROM generate_series(1, 25000) i;
            CREATE TABLE last_one (id int PRIMARY KEY); INSERT INTO last_one VALUES (1), (2)
            """);
        await scene.FollowAsync();
        await using NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app");
        await PostgresScene.AskAsync(green, "UPDATE public.keyed SET v = 'w' WHERE b = 'k24999'; DELETE FROM public.keyed WHERE b = 'k1'; INSERT INTO public.keyed VALUES (999, 'k', 'v'); INSERT INTO public.bare VALUES (7, 'x'), (-3, 'new'); DELETE FROM public.bare WHERE a = -2");

        // Green sorts it otherwise: what lies between two of blue's keys is something else there.
        await PostgresScene.AskAsync(green, "ALTER TABLE public.sorted ALTER k TYPE text COLLATE \"C\"; INSERT INTO public.sorted VALUES ('B extra', 0), ('zz', 0), ('', 0); DELETE FROM public.sorted WHERE k = 'a12006'");

        // It waits for a table that somebody has locked; meanwhile the others are done.
        string file = Path.Combine(bed.NewFolder("comparison"), "comparison.json");
        ComparisonOptions options = new() { CheckpointFile = file };
        using CancellationTokenSource stopping = new();
        Task<ComparisonResult> first;
        await using (NpgsqlTransaction holding = await green.BeginTransactionAsync())
        {
            await PostgresScene.AskAsync(green, "LOCK TABLE public.last_one IN ACCESS EXCLUSIVE MODE");
            first = scene.Engine.Comparer.CompareAsync(scene.Forward, options, stopping.Token);
            await using NpgsqlConnection looking = await scene.ControlAsync(scene.GreenNode, "app");
            await TestBed.WaitUntilAsync(async () => (bool)(await PostgresScene.AskAsync(looking, "SELECT count(*) = 2 AND count(*) FILTER (WHERE wait_event_type = 'Lock') = 1 FROM pg_stat_activity WHERE application_name = 'statefuldeploy-comparison'"))!, "all but one table are compared", Patience);
            await stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => first);
        }

        // What it had done it does not do again, and what it had found it still knows.
        Assert.True(File.Exists(file));
        await PostgresScene.AskAsync(green, "INSERT INTO public.keyed VALUES (998, 'after', 'v')");
        ComparisonResult result = await scene.Engine.Comparer.CompareAsync(scene.Forward, options, default);
        Assert.Equal(
            ["\"bare\" (-2,once) Missing", "\"bare\" (-3,new) Extra", "\"bare\" (7,x) Count", "\"keyed\" ('1', 'k1') Missing", "\"keyed\" ('99', 'k24999') Value", "\"keyed\" ('999', 'k') Extra", "\"sorted\" ('') Extra", "\"sorted\" ('B extra') Extra", "\"sorted\" ('a12006') Missing", "\"sorted\" ('zz') Extra"],
            result.Details.Select(one => $"{one.Item.Split('.', 2)[1]} {one.Kind}").Order(StringComparer.Ordinal));
        Assert.Equal(10, result.Differences);
        Assert.False(File.Exists(file));
        Assert.True(result.ItemsCompared >= 25_000 + 25_000 + 3_002 + 2, $"{result.ItemsCompared}");

        // Anew, it finds also what came after.
        Assert.Equal(11, (await scene.Engine.Comparer.CompareAsync(scene.Forward, options, default)).Differences);
    }
}
