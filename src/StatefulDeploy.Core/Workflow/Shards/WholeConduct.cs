using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Planning;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>
/// Conducts the upgrade of a service of several shards: which shard is next. Each shard is upgraded as the service of its own that it is, by an
/// <see cref="UpgradeConduct"/>, with a journal, a guard and a window of its own. What has become of it is asked there, and nothing of a switch is decided here.
/// </summary>
internal sealed class WholeConduct(IPlatform platform, string role, TimeProvider clock, IFaultPoints faults)
{
    private readonly KeeperAtWork _keeper = new(role, clock);

    internal async Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = await FindAsync(request, cancellationToken);
        var shards = await Task.WhenAll(subject.Service.Parts.Select(part => OnShardAsync(part, async conduct => await conduct.GetClusterAsync(await ShardRequest.ForAsync(part, subject, request, cancellationToken), reporter, cancellationToken))));
        var statuses = (subject.State ?? subject.Last) is { } state ? await ShardJournals.ReadAsync(subject.Store, state, cancellationToken) : [];
        return WholeView.Of(subject, shards, statuses);
    }

    internal async Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        await PlanAsync(await FindAsync(request, cancellationToken), request, reporter, cancellationToken);

    internal async Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = await FindAsync(request, cancellationToken);
        if (stretch != UpgradeStretch.Everything)
        {
            throw OneShard(subject.Service);
        }

        if (subject.State is null or { Ended: true })
        {
            subject = await BeginAsync(subject with { State = null }, request, reporter, cancellationToken);
        }
        else if (request.TargetVersion is { } version && version != subject.State.Fact(FactName.TargetVersion))
        {
            throw new UpgradeException("OtherUpgradeUnderWay", $"Upgrade {subject.State.UpgradeId} of service '{subject.Service.Name}' to {subject.State.Fact(FactName.TargetVersion)} is under way; a second one to {version} cannot be begun.", "Finish it with Resume-StatefulUpgrade, or take it back with Undo-StatefulUpgrade.", FailureCategory.WrongState) { Target = version };
        }

        if (request.ShardStrategy is { } strategy && strategy != ShardRequest.StrategyOf(subject))
        {
            throw new UpgradeException("OtherUpgradeUnderWay", $"Upgrade {subject.State!.UpgradeId} of service '{subject.Service.Name}' was begun by {ShardRequest.StrategyOf(subject)} of each shard; it cannot be gone on with by {strategy}.", "Leave the strategy of the shards out, or take the upgrade back with Undo-StatefulUpgrade first.", FailureCategory.WrongState) { Target = strategy };
        }

        return await ReachAsync(stretch, subject, request, reporter, cancellationToken);
    }

    internal async Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var begun = (await FindAsync(request, cancellationToken)).Begun();
        return await _keeper.AfterAsync(begun.Store, async () =>
        {
            await _keeper.WaitAsync(begun, reporter, cancellationToken);
            var subject = (await FindAsync(request, cancellationToken)).Begun(evenEnded: true);
            var goal = subject.State!.Goal ?? subject.State.LastGoal;
            if (subject.State.Ended || goal is null)
            {
                return await GetClusterAsync(request, reporter, cancellationToken);
            }

            reporter.Report(new ReportEvent(ReportLevel.Information, $"Resuming upgrade {subject.State.UpgradeId} towards {goal}: {Told(await ShardJournals.ReadAsync(subject.Store, subject.State, cancellationToken))}."));
            return await ReachAsync(goal.Value, subject, StretchRules.Merge(subject.State.GoalRequest, request), reporter, cancellationToken);
        }, cancellationToken);
    }

    internal async Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var begun = (await FindAsync(request, cancellationToken)).Begun();
        return await _keeper.AfterAsync(begun.Store, async () =>
        {
            await _keeper.StopAsync(begun, () => AskAllToStopAsync(begun, cancellationToken), reporter, cancellationToken);
            var subject = (await FindAsync(request, cancellationToken)).Begun();
            foreach (var part in subject.Service.Parts)
            {
                if (await StateOfAsync(part, subject, cancellationToken) is { Undone: false })
                {
                    await OnShardAsync(part, async conduct => await conduct.RequireWayBackAsync(await ShardRequest.ForAsync(part, subject, request, cancellationToken), reporter, cancellationToken));
                }
            }

            return await ReachAsync(UpgradeStretch.SwitchBack, subject, request, reporter, cancellationToken);
        }, cancellationToken);
    }

    /// <summary>What acts on one shard is done there, and not on all of them at once.</summary>
    internal static UpgradeException OneShard(ServiceDescription service) => new(
        "ShardMissing",
        $"Service '{service.Name}' has {service.Parts.Count} shards, and this is done on one of them.",
        $"Name it as a service file: {string.Join(", ", service.Parts.Select(part => part.Path))}. (Whole services are upgraded by Invoke-StatefulUpgrade or 'statefuldeploy upgrade'.)",
        FailureCategory.InvalidInput) { Target = service.Name };

    private async Task<UpgradePlan> PlanAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var plans = new List<UpgradePlan>();
        foreach (var part in subject.Service.Parts)
        {
            if (await StateOfAsync(part, subject, cancellationToken) is not { State: ClusterState.Retired })
            {
                var plan = await OnShardAsync(part, async conduct => await conduct.PlanAsync(await ShardRequest.ForAsync(part, subject, request, cancellationToken), reporter, cancellationToken));
                plans.Add(plan with { Shard = part.Shard });
            }
        }

        if (plans.Count == 0)
        {
            throw new UpgradeException("NothingToPlan", $"Every shard of service '{subject.Service.Name}' is retired already.", "Resume the upgrade: nothing but its end is left.", FailureCategory.WrongState) { Target = subject.Service.Name };
        }

        var mixture = platform.FindEngine(subject.Service.Engine).Preflight.InspectMixture(subject.Service, plans[0].TargetVersion);
        return WholePlan.Of(subject.Service, plans, [.. mixture, .. await FindStrangersAsync(subject, cancellationToken), WholePlan.Retiring(subject.Service, request)], request);
    }

    private static async Task<IReadOnlyList<Finding>> FindStrangersAsync(UpgradeSubject subject, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var shard in subject.Service.Parts.Select(part => part.Shard!))
        {
            if (await ShardJournals.FindStrangerAsync(subject.Store, shard, subject.State?.UpgradeId, cancellationToken) is { } stranger)
            {
                findings.Add(Finding.Refuse("OtherUpgradeUnderWay", $"shard {shard}", $"Upgrade {stranger} of this shard alone is under way.", $"Finish it or take it back first: it is named by {ServicePart.PathOf(subject.Service.Path, shard)}."));
            }
        }

        return findings;
    }

    private async Task<UpgradeSubject> BeginAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(subject, request, reporter, cancellationToken);
        PreflightInspection.ThrowIfRefused(plan.Findings);
        foreach (var finding in plan.Findings.Where(finding => finding.Severity == FindingSeverity.Warning))
        {
            reporter.Report(new ReportEvent(ReportLevel.Warning, $"{finding.Subject}: {finding.Message} {finding.Remedy}") { Step = nameof(StepName.Preflight) });
        }

        return subject.Begin(await subject.Store.NewIdAsync(subject.Service.Name, clock.GetUtcNow(), cancellationToken), plan.Green, request, clock, (FactName.Findings, ModelJson.Write(plan.Findings)), (FactName.ShardStrategy, plan.Shards[0].Strategy.ToString()));
    }

    /// <summary>Brings all shards to where they are to be, under the lease, with the goal in the journal around it.</summary>
    private async Task<StatefulCluster> ReachAsync(UpgradeStretch goal, UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        await using (var session = await WholeSession.OpenAsync(platform, subject, role, clock, cancellationToken))
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Lost);
            session.Record(new JournalEntry
            {
                Kind = JournalKind.Goal,
                Name = goal.ToString(),
                Data = Facts.Of((FactName.Request, ModelJson.Write(request)), (FactName.Consent, ModelJson.Write((session.State.Fact<UpgradeConsent>(FactName.Consent) ?? new UpgradeConsent()).And(request.Consent)))),
            });
            try
            {
                var run = new WholeRun(session, subject with { State = session.State }, request, reporter, Conduct);
                await (goal == UpgradeStretch.SwitchBack ? run.BackAsync(stopping.Token) : run.ForwardAsync(stopping.Token));
                session.Record(new JournalEntry { Kind = JournalKind.GoalEnd, Name = goal.ToString() });
            }
            catch (Exception failure) when (failure is not UpgradeException { Category: FailureCategory.StaleEpoch } && !session.Lost.IsCancellationRequested && Failures.IsOfTheWorld(failure))
            {
                session.Record(new JournalEntry { Kind = JournalKind.GoalEnd, Name = goal.ToString(), Text = failure.Message });
                throw;
            }
        }

        return await GetClusterAsync(request with { UpgradeId = subject.State!.UpgradeId }, reporter, cancellationToken);
    }

    // Two shards at a time share no engine: see IPlatform.ForAnother. They are worked on as an operator does, also by a keeper: a shard's own keeper may be at work there.
    private UpgradeConduct Conduct(ServiceDescription part) => new(platform.ForAnother(), SessionPool.Operator, clock, faults.Of(part.Shard!), Timeout.InfiniteTimeSpan);

    private async Task<T> OnShardAsync<T>(ServiceDescription part, Func<UpgradeConduct, Task<T>> act)
    {
        await using var conduct = Conduct(part);
        return await act(conduct);
    }

    private Task<UpgradeSubject> FindAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        UpgradeSubject.FindAsync(platform, request, clock, cancellationToken);

    private static async Task<UpgradeState?> StateOfAsync(ServiceDescription part, UpgradeSubject subject, CancellationToken cancellationToken) =>
        subject.State is { } whole ? await ShardJournals.FindAsync(subject.Store, part.Shard!, whole.UpgradeId, cancellationToken) : null;

    private static async Task AskAllToStopAsync(UpgradeSubject subject, CancellationToken cancellationToken)
    {
        await subject.Store.AskToStopAsync(subject.State!.UpgradeId, cancellationToken);
        foreach (var part in subject.Service.Parts)
        {
            if (await StateOfAsync(part, subject, cancellationToken) is { Goal: not null } state)
            {
                await subject.Store.OfPart(part.Shard!).AskToStopAsync(state.UpgradeId, cancellationToken);
            }
        }
    }

    private static string Told(IReadOnlyList<ShardStatus> shards) =>
        string.Join(", ", shards.Select(shard => $"{shard.Shard} {(shard.UpgradeId is null ? "not begun" : shard.State)}"));
}
