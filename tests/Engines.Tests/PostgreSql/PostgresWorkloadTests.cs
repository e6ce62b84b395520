using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Workload;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Verification;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>The performance gate on real servers: copies that nobody misses, a replayed load, and plans that are compared.</summary>
public sealed class PostgresWorkloadTests(ITestOutputHelper output)
{
    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task Copies_serve_clients_while_green_goes_on_following_and_a_plan_that_became_worse_fails_the_gate()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed, "shared_preload_libraries = 'pg_stat_statements'");
        await scene.Blue.AskAsync("CREATE EXTENSION pg_stat_statements", "app");
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE orders (id int PRIMARY KEY, customer int, note text); INSERT INTO orders SELECT i, i % 5000, md5(i::text) FROM generate_series(1, 50000) i; CREATE INDEX by_customer ON orders (customer)", user: "app");
        await AskOftenAsync(scene);
        string script = Path.Combine(bed.Folder, "load.sql");
        await File.WriteAllTextAsync(script, "\\set id random(1, 50000)\nSELECT note FROM orders WHERE id = :id;\nUPDATE orders SET note = 'seen' WHERE id = :id;\n");
        SuiteDescription suite = new()
        {
            Name = "peak", Kind = SuiteKind.Load, Writes = true, MaxLatencyRatio = 1000, MinThroughputRatio = 0.001,
            Workload = new WorkloadDescription { Scripts = [new WorkloadScript(script, 1)], Sample = 5, Clients = 2, Duration = TimeSpan.FromSeconds(2) },
        };
        scene.Service = scene.Service with { Suites = [suite] };
        Assert.Empty(await scene.RefusalsAsync());
        await scene.FollowAsync();
        VerificationRunner runner = new(scene.Engine.Copies, scene.Engine.Workload);

        SuiteResult same = Assert.Single(await runner.RunAsync(scene.Forward, [suite], new UpgradeConsent(), default));

        output.WriteLine(same.Notes);
        Assert.True(same.Passed, same.Notes);
        string[] sample = Directory.GetFiles(Path.Combine(scene.Service.StateDirectory, "workloads", "peak"), "*.sql");
        Assert.Contains(sample, file => File.ReadAllText(file).Contains("customer = '", StringComparison.Ordinal));
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO orders VALUES (-1, -1, 'later')", user: "app");
        await scene.StreamingAsync(scene.Forward);
        Assert.True((await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default)).Passed);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(scene.GreenNode.DataDirectory!)!, "*-copy-of-*"));

        await using (NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app"))
        {
            await PostgresScene.AskAsync(green, "DROP INDEX public.by_customer");
        }

        SuiteResult worse = Assert.Single(await runner.RunAsync(scene.Forward, [suite], new UpgradeConsent(), default));

        output.WriteLine(worse.Notes);
        Assert.False(worse.Passed);
        Assert.Contains("orders is read by Seq Scan where blue has", worse.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("WHERE id =", worse.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Statements_of_a_script_are_found_whatever_is_written_in_them()
    {
        IReadOnlyList<string> statements = PostgresScript.Statements("""
            \set id random(1, 10)
            -- a comment; with an end
            BEGIN;
            SELECT ':id;', "a;b", x::int FROM t WHERE id = :id AND other = :other AND again = :id; /* ; */
            INSERT INTO t VALUES ($q$ ; $q$);
            COMMIT;
            DELETE FROM t
            """);

        Assert.Equal(["SELECT ':id;', \"a;b\", x::int FROM t WHERE id = $1 AND other = $2 AND again = $1", "INSERT INTO t VALUES ($q$ ; $q$)", "DELETE FROM t"], statements);
        Assert.Equal(2, PostgresScript.Parameters(statements[0]));
    }

    [Fact]
    public void Latencies_are_read_from_the_logs_and_what_failed_has_none()
    {
        IEnumerable<string> lines = Enumerable.Range(1, 100).Select(i => $"0 {i} {i * 1000} 0 1700000000 1").Append("0 101 failed 0 1700000000 1").Append(string.Empty);

        Assert.Equal(new LoadMetrics(50, 95, 99, 50), PgBenchLatencies.Read(lines).Summarize(TimeSpan.FromSeconds(2)));
        Assert.Null(PgBenchLatencies.Read([]).Summarize(TimeSpan.FromSeconds(2)));
    }

    private static async Task AskOftenAsync(PostgresScene scene)
    {
        await using NpgsqlConnection client = await PostgresScene.ClientAsync(scene.BlueNode);
        for (int i = 0; i < 50; i++)
        {
            await using NpgsqlCommand command = new("SELECT count(note) FROM orders WHERE customer = $1", client) { Parameters = { new NpgsqlParameter { Value = i } } };
            await command.ExecuteScalarAsync();
        }
    }
}
