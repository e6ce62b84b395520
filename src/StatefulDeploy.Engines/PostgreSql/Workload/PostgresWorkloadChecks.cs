using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Workload;

/// <summary>What stands against the workloads of a service; found before hours of copying.</summary>
internal static class PostgresWorkloadChecks
{
    /// <summary>Asks blue and its host.</summary>
    public static async Task InspectAsync(EngineContext context, List<Finding> findings, CancellationToken cancellationToken)
    {
        List<SuiteDescription> suites = [.. context.Service.Suites.Where(suite => suite.Workload is not null)];
        if (suites.Count == 0)
        {
            return;
        }

        Node blue = context.Source.Writer;
        IHost host = context.Hosts[blue.Host];
        PostgresSoftware software = await PostgresSoftware.FindAsync(context.Service, context.Target.Version, host, cancellationToken);
        if ((await host.RunAsync(new HostCommand("test", "-x", software["pgbench"]), cancellationToken)).ExitCode != 0)
        {
            findings.Add(Finding.Refuse("PgBenchMissing", suites[0].Name, $"'{software["pgbench"]}' is not there, by which a workload is replayed.", $"Install it with PostgreSQL {software.Major} (Debian has it in postgresql-{software.Major}), or describe a command instead."));
        }

        PostgresAccess access = new(context.Service, context.Secrets);
        if (suites.Find(suite => suite.Workload!.Sample > 0) is { } sampled)
        {
            await using NpgsqlConnection database = await access.ConnectAsync(blue, PostgresAccount.Admin, "preflight", cancellationToken, access.ClientDatabase);
            if (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')", cancellationToken))
            {
                findings.Add(Finding.Refuse("NoStatements", sampled.Name, $"The workload samples statements, and database '{access.ClientDatabase}' on {blue} has not the extension pg_stat_statements.", "Set shared_preload_libraries = 'pg_stat_statements', restart, CREATE EXTENSION pg_stat_statements; and let it collect for a while. Or name scripts."));
            }
        }
    }
}
