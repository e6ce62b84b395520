using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Workload;

/// <summary>Replays scripts by the newer version's pgbench, on both clusters the same program with the same random numbers.</summary>
internal sealed class PostgresWorkload : IWorkload
{
    private const string Seed = "--random-seed=1";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkloadScript>> PrepareAsync(EngineContext context, SuiteDescription suite, string folder, CancellationToken cancellationToken) => suite.Workload!.Sample == 0
        ? suite.Workload.Scripts
        : [.. suite.Workload.Scripts, .. await new PostgresSample(folder).PrepareAsync(context, suite, cancellationToken)];

    /// <inheritdoc/>
    public async Task<WorkloadRun> RunAsync(EngineContext context, ClusterLayout cluster, SuiteDescription suite, IReadOnlyList<WorkloadScript> scripts, CancellationToken cancellationToken)
    {
        PostgresAccess access = new(context.Service, context.Secrets);
        await using NpgsqlConnection client = await access.ConnectAsync(cluster.Writer, PostgresAccount.Client, "workload", cancellationToken);
        PostgresPlans plans = new(client);
        List<StatementPlan> planned = [];
        foreach (string statement in scripts.SelectMany(script => PostgresScript.Statements(File.ReadAllText(script.Path))).Distinct(StringComparer.Ordinal))
        {
            if (await plans.FindAsync(statement, cancellationToken) is { } plan)
            {
                planned.Add(plan);
            }
        }

        (PgBenchLatencies latencies, IReadOnlyList<string> failures) = await ReplayAsync(context, cluster.Writer, suite, scripts, access, cancellationToken);
        return new WorkloadRun(latencies.Summarize(suite.Workload!.Duration), planned, failures);
    }

    private static async Task<(PgBenchLatencies Latencies, IReadOnlyList<string> Failures)> ReplayAsync(
        EngineContext context, Node node, SuiteDescription suite, IReadOnlyList<WorkloadScript> scripts, PostgresAccess access, CancellationToken cancellationToken)
    {
        WorkloadDescription workload = suite.Workload!;
        IHost host = context.Hosts[node.Host];
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, context.Target.Version, host, cancellationToken);
        (string connection, IReadOnlyDictionary<string, string?> environment) = access.ForPrograms(node, PostgresAccount.Client, access.ClientDatabase);
        DirectoryInfo logs = Directory.CreateTempSubdirectory("statefuldeploy-workload-");
        try
        {
            CommandResult ended = await host.RunAsync(
                new HostCommand(software["pgbench"], [
                    "-n", "-l", $"--log-prefix={logs.FullName}/log", Seed, "-c", Text(workload.Clients), "-j", Text(Math.Min(workload.Clients, Environment.ProcessorCount)), "-T", Text((int)Math.Ceiling(workload.Duration.TotalSeconds)),
                    .. scripts.SelectMany(script => new[] { "-f", $"{script.Path}@{Text(script.Weight)}" }), connection])
                {
                    Environment = environment, WorkingFolder = logs.FullName, Timeout = suite.Timeout,
                },
                cancellationToken);
            return (PgBenchLatencies.Read(logs.EnumerateFiles().SelectMany(file => File.ReadLines(file.FullName))), Failures(ended));
        }
        finally
        {
            logs.Delete(recursive: true);
        }
    }

    // A client whose statement fails ends there; each such end is a line.
    private static string[] Failures(CommandResult ended)
    {
        if (ended.ExitCode == 0)
        {
            return [];
        }

        string[] errors = [.. ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains("error:", StringComparison.Ordinal)).Select(line => line.Trim()).Distinct(StringComparer.Ordinal).Take(5)];
        return errors.Length > 0 ? errors : [string.Create(CultureInfo.InvariantCulture, $"pgbench ended with {ended.ExitCode}: {PostgresProgram.LastLines(ended.Error + ended.Output)}")];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
