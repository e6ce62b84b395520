using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Starts a server that is ours, as a process that outlives us.</summary>
internal sealed class PostgresStart(Node node, EngineContext context)
{
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(2);

    private readonly IHost _host = context.Hosts[node.Host];

    /// <summary>Starts it, and waits until our role is let in.</summary>
    /// <exception cref="UpgradeException">It did not start; the message has what it said.</exception>
    public async Task StartAsync(PostgresSoftware software, PostgresProgram program, CancellationToken cancellationToken)
    {
        string log = PostgresGreenRecord.LogOf(node);
        HostCommand command = new(software["postgres"], "-D", node.DataDirectory!) { WorkingFolder = node.DataDirectory };
        ProcessIdentity process = await _host.StartDetachedAsync(program.Wrap(command), log, cancellationToken);
        await new PostgresGreenRecord(context.Service.Name, node.Name, true, process).SaveAsync(node, _host, cancellationToken);
        for (long start = context.Clock.GetTimestamp(); !await AnswersAsync(cancellationToken); await Task.Delay(TimeSpan.FromMilliseconds(20), context.Clock, cancellationToken))
        {
            if (!await _host.IsRunningAsync(process, cancellationToken) || context.Clock.GetElapsedTime(start) > StartTime)
            {
                string said = await _host.ReadFileAsync(log, cancellationToken) ?? string.Empty;
                throw new UpgradeException("GreenDidNotStart", $"{node} did not start: {PostgresProgram.LastLines(said)}", $"Read the server's output in {log}.") { Target = node.Name };
            }
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection control = await new PostgresAccess(context.Service, context.Secrets).ConnectAsync(node, PostgresAccount.Control, "provision", cancellationToken);
            return true;
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.Unreachable)
        {
            return false;
        }
    }
}
