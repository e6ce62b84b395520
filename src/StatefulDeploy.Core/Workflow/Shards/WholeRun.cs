using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>Brings the shards of a service forward, or back, one after another or so many at the same time.</summary>
internal sealed class WholeRun(WholeSession session, UpgradeSubject subject, UpgradeRequest request, IReporter reporter, Func<ServiceDescription, UpgradeConduct> conductOf)
{
    private readonly ShardProgress _progress = new(subject.Service.Parts.Count);

    /// <summary>In the order of the file, from where each is to where it is to be.</summary>
    internal async Task ForwardAsync(CancellationToken cancellationToken)
    {
        await new ShardQueue(subject.Service.Limits.ShardsAtOnce, session.StopRequested).RunAsync(
            await WhereAsync(subject.Service.Parts, state => !IsReached(state), cancellationToken),
            part => RecordedAsync(part, back: false, conduct => AdvanceAsync(part, conduct, cancellationToken), cancellationToken));
        session.Record(new JournalEntry { Kind = JournalKind.State, Name = WholeView.StateOf(await StatesAsync(cancellationToken)).ToString() });
    }

    /// <summary>In the opposite order, each by its own way back; those that were not begun are left alone.</summary>
    internal async Task BackAsync(CancellationToken cancellationToken)
    {
        await new ShardQueue(atOnce: 1, session.StopRequested).RunAsync(
            await WhereAsync(subject.Service.Parts.Reverse(), state => state is { Ended: false }, cancellationToken),
            part => RecordedAsync(part, back: true, async conduct => await conduct.UndoAsync(await RequestForAsync(part, cancellationToken), ReporterOf(part), cancellationToken), cancellationToken));
        session.Record(new JournalEntry { Kind = JournalKind.State, Name = nameof(ClusterState.Serving), Text = UpgradeState.UndoneText });
    }

    private async Task<StatefulCluster> AdvanceAsync(ServiceDescription part, UpgradeConduct conduct, CancellationToken cancellationToken)
    {
        if (await StateOfAsync(part, cancellationToken) is { Ended: false, Goal: not null })
        {
            // Whoever worked on it is gone: first to where he was going, whichever direction that was.
            var cluster = await conduct.ResumeAsync(await RequestForAsync(part, cancellationToken), ReporterOf(part), cancellationToken);
            if (IsReached(await StateOfAsync(part, cancellationToken)))
            {
                return cluster;
            }
        }

        return await conduct.RunAsync(UpgradeStretch.Everything, await RequestForAsync(part, cancellationToken), ReporterOf(part), cancellationToken);
    }

    private async Task RecordedAsync(ServiceDescription part, bool back, Func<UpgradeConduct, Task<StatefulCluster>> act, CancellationToken cancellationToken)
    {
        var name = $"shard {part.Shard}";
        session.Record(new JournalEntry { Kind = JournalKind.Intent, Name = name, Back = back });
        Tell($"Shard '{part.Shard}' {(back ? "goes back" : "is upgraded")}.", part);
        try
        {
            await session.SharedAsync(cancellationToken);
            await using var conduct = conductOf(part);
            var cluster = await Failures.ExplainAsync($"Shard '{part.Shard}'", () => act(conduct), cancellationToken);
            session.Record(new JournalEntry { Kind = JournalKind.Done, Name = name, Back = back });
            _progress.Report(part.Shard!, 100, reporter);
            Tell($"Shard '{part.Shard}' is {cluster.State}; {cluster.Live} takes its writes{(cluster.ClosedFor is { } closed ? $", which were closed for {Quantity.Text(closed)}" : string.Empty)}.", part);
        }
        catch (Exception exception) when (!session.Lost.IsCancellationRequested && Failures.IsOfTheWorld(exception))
        {
            session.Record(new JournalEntry { Kind = JournalKind.Failed, Name = name, Back = back, Text = exception.Message });
            throw;
        }
    }

    private void Tell(string message, ServiceDescription part)
    {
        reporter.Report(new ReportEvent(ReportLevel.Information, message));
        session.Record(new JournalEntry { Kind = JournalKind.Note, Name = part.Shard, Text = message });
    }

    private ShardReporter ReporterOf(ServiceDescription part) => new(reporter, part.Shard!, _progress);

    private Task<UpgradeState?> StateOfAsync(ServiceDescription part, CancellationToken cancellationToken) =>
        ShardJournals.FindAsync(subject.Store, part.Shard!, session.State.UpgradeId, cancellationToken);

    private async Task<IReadOnlyList<ClusterState>> StatesAsync(CancellationToken cancellationToken)
    {
        var states = new List<ClusterState>();
        foreach (var part in subject.Service.Parts)
        {
            states.Add((await StateOfAsync(part, cancellationToken))?.State ?? ClusterState.Serving);
        }

        return states;
    }

    private async Task<IReadOnlyList<ServiceDescription>> WhereAsync(IEnumerable<ServiceDescription> parts, Func<UpgradeState?, bool> isMeant, CancellationToken cancellationToken)
    {
        var meant = new List<ServiceDescription>();
        foreach (var part in parts)
        {
            if (isMeant(await StateOfAsync(part, cancellationToken)))
            {
                meant.Add(part);
            }
        }

        return meant;
    }

    private bool IsReached(UpgradeState? state) =>
        state is { Undone: false, Goal: null } && (state.Ended || state.StatusOf(StretchRules.LastRow(UpgradeStretch.Everything, request), back: false) == StepStatus.Done);

    private Task<UpgradeRequest> RequestForAsync(ServiceDescription part, CancellationToken cancellationToken) => ShardRequest.ForAsync(part, subject, request, cancellationToken);
}
