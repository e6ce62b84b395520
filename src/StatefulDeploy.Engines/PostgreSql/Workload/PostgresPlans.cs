using System.Text.Json;
using Npgsql;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Workload;

/// <summary>Asks a server for the plans of statements, whatever their parameters: the generic plan, which EXPLAIN has of its own only from 16 on.</summary>
internal sealed class PostgresPlans(NpgsqlConnection client)
{
    private const string Prepared = "statefuldeploy_plan";

    /// <summary>The plan of a statement, in which <c>$1</c>, <c>$2</c> … stand for parameters. Nothing is executed.</summary>
    /// <returns>Null when the server does not plan it: that it does not understand it is found when it is replayed.</returns>
    public async Task<StatementPlan?> FindAsync(string statement, CancellationToken cancellationToken) =>
        await ExplainAsync(statement, cancellationToken) is { } plan ? Read(statement, plan) : null;

    /// <summary>The root of a statement's plan as EXPLAIN's JSON has it, with schemas.</summary>
    public async Task<JsonElement?> ExplainAsync(string statement, CancellationToken cancellationToken)
    {
        int parameters = PostgresScript.Parameters(statement);
        try
        {
            await client.RunAsync("SET plan_cache_mode = force_generic_plan", cancellationToken);
            await client.RunAsync($"PREPARE {Prepared} AS {statement}", cancellationToken);
        }
        catch (UpgradeException exception) when (exception.InnerException is PostgresException)
        {
            return null;
        }

        try
        {
            string arguments = parameters == 0 ? string.Empty : $"({string.Join(", ", Enumerable.Repeat("NULL", parameters))})";
            string? json = await client.ScalarAsync<string>($"EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE {Prepared}{arguments}", cancellationToken);
            using JsonDocument document = JsonDocument.Parse(json!);
            return document.RootElement[0].GetProperty("Plan").Clone();
        }
        catch (UpgradeException exception) when (exception.InnerException is PostgresException)
        {
            return null;
        }
        finally
        {
            await client.RunAsync($"DEALLOCATE {Prepared}", cancellationToken);
        }
    }

    /// <summary>All nodes of a plan, from its root on.</summary>
    public static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        [node, .. node.TryGetProperty("Plans", out JsonElement below) ? below.EnumerateArray().SelectMany(Nodes) : []];

    private static StatementPlan Read(string statement, JsonElement root)
    {
        Dictionary<string, string> scans = new(StringComparer.Ordinal);
        foreach (JsonElement node in Nodes(root).Where(node => node.TryGetProperty("Relation Name", out _) && node.GetProperty("Node Type").GetString()!.Contains("Scan", StringComparison.Ordinal)))
        {
            scans[node.GetProperty("Alias").GetString()!] = Kind(node);
        }

        // What reads an index for a bitmap is below what reads the relation by it.
        return new StatementPlan(statement, root.GetProperty("Total Cost").GetDouble(), scans, [.. Nodes(root).Select(node => node.GetProperty("Node Type").GetString()!)]);
    }

    private static string Kind(JsonElement node) => node.GetProperty("Node Type").GetString() switch
    {
        "Bitmap Heap Scan" => "Bitmap Index Scan",
        var kind => kind!,
    };
}
