using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>Fills a target by a base backup that is upgraded and then follows. What is recorded is done; what was under way is waited for, or begun again.</summary>
internal sealed class PhysicalCopy(EngineContext context, CopyMeter meter)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly PostgresAccess _access = new(context.Service, context.Secrets);
    private readonly CopySettings _settings = CopySettings.Of(context.Service);

    /// <summary>Does all that is left of it.</summary>
    /// <exception cref="UpgradeException">Something is refused, or a server stays away; what is recorded stays.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long since = context.Clock.GetTimestamp();
        PhysicalStage? farthest = null;
        while (await PhysicalRecord.FindAsync(context, cancellationToken) is { } record)
        {
            if (farthest is null || record.Stage > farthest)
            {
                farthest = record.Stage;
                since = context.Clock.GetTimestamp();
            }

            try
            {
                meter.Stage = Tell(record.Stage);
                await StepAsync(record, cancellationToken);
            }
            catch (UpgradeException exception) when ((exception.Category == FailureCategory.Unreachable || exception.ErrorId == "ProgramFailed") && context.Clock.GetElapsedTime(since) < Patience)
            {
                // A backup that lost its server begins anew; all else goes on.
                await Task.Delay(Pause, context.Clock, cancellationToken);
            }
        }

        meter.Stage = string.Empty;
    }

    /// <summary>A stage for people.</summary>
    public static string Tell(PhysicalStage stage) => stage switch
    {
        PhysicalStage.BackUp => "the base backup",
        PhysicalStage.Recover => "the recovery of the base backup",
        PhysicalStage.Upgrade => "pg_upgrade",
        PhysicalStage.Swap => "the exchange of green's data directory",
        _ => "the start of the stream",
    };

    private async Task StepAsync(PhysicalRecord record, CancellationToken cancellationToken)
    {
        PhysicalPlace place;
        await using (NpgsqlConnection source = await _access.ConnectAsync(context.Source.Writer, PostgresAccount.Control, "copy", cancellationToken))
        {
            meter.Total = await source.ScalarAsync<long>("SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database", cancellationToken);
            place = await PhysicalPlace.OpenAsync(context, await source.SettingAsync("data_directory", cancellationToken), cancellationToken);
        }

        meter.Reach(record.Stage == PhysicalStage.BackUp ? 0 : meter.Total);
        switch (record.Stage)
        {
            case PhysicalStage.BackUp:
                await (await new PhysicalBackup(context, place, _settings, meter).BackUpAsync(record, cancellationToken)).SaveAsync(context, cancellationToken);
                return;
            case PhysicalStage.Recover:
                await (await new PhysicalBackup(context, place, _settings, meter).RecoverAsync(record, cancellationToken)).SaveAsync(context, cancellationToken);
                return;
            case PhysicalStage.Upgrade:
                await (await new PhysicalUpgrade(context, place, _settings).RunAsync(record, cancellationToken)).SaveAsync(context, cancellationToken);
                return;
            case PhysicalStage.Swap:
                await PhysicalSwap.RunAsync(context, place, cancellationToken);
                await (record with { Stage = PhysicalStage.Attach }).SaveAsync(context, cancellationToken);
                return;
            default:
                await PhysicalSwap.RunAsync(context, place, cancellationToken);
                await new PhysicalAttach(context, _settings).RunAsync(record.Lsn!, cancellationToken);
                await PhysicalPlace.RemoveAsync(context, cancellationToken);
                return;
        }
    }
}
