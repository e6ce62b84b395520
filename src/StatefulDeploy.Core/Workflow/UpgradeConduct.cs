using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Reporting;
using StatefulDeploy.Reuse;
using StatefulDeploy.Workflow.Planning;
using StatefulDeploy.Workflow.Shards;
using StatefulDeploy.Workflow.Steps;

namespace StatefulDeploy.Workflow;

/// <summary>Conducts upgrades: what each of the <see cref="UpgradeOperations"/> does.</summary>
internal sealed class UpgradeConduct : IAsyncDisposable
{
    private readonly IPlatform _platform;
    private readonly TimeProvider _clock;
    private readonly IFaultPoints _faults;
    private readonly SessionPool _sessions;
    private readonly KeeperAtWork _keeper;

    internal UpgradeConduct(IPlatform platform, string role, TimeProvider clock, IFaultPoints faults, TimeSpan? keeperPatience = null)
    {
        _platform = platform;
        _clock = clock;
        _faults = faults;
        _sessions = new SessionPool(platform, role, clock);
        _keeper = new KeeperAtWork(role, clock, keeperPatience);
    }

    internal async Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request);
        return await ClusterView.AskAsync(_platform, subject, reporter, cancellationToken);
    }

    internal async Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request);
        var engine = _platform.FindEngine(subject.Service.Engine);
        var green = subject.Green ?? await PlanGreenAsync(subject, engine, request, cancellationToken);
        await using var router = _platform.CreateRouter(subject.Service);
        return await Planner.PlanAsync(_platform, subject.ContextFor(_platform, green, reporter, _clock), engine, router, request, cancellationToken);
    }

    internal async Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request);
        StretchRules.Check(stretch, subject, request);
        if (subject.State is null)
        {
            subject = await BeginAsync(stretch, subject, request, reporter, cancellationToken);
        }

        return await ReachAsync(stretch, subject, request, reporter, cancellationToken);
    }

    internal async Task<VerificationReport> TestGreenAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var cluster = await RunAsync(UpgradeStretch.Verify, request, reporter, cancellationToken);
        var state = UpgradeSubject.Find(_platform, request with { UpgradeId = cluster.UpgradeId }).State!;
        return new VerificationReport
        {
            Passed = true,
            Cluster = cluster,
            Suites = state.Fact<IReadOnlyList<SuiteResult>>(FactName.Suites) ?? [],
            Comparison = state.Fact<ComparisonResult>(FactName.Comparison),
            SkippedBecause = request.Consent.SkipVerificationReason ?? string.Empty,
        };
    }

    internal async Task<ReplicationStatus> GetReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun();
        var engine = _platform.FindEngine(subject.Service.Engine);
        var context = subject.ContextFor(_platform, subject.Green!, reporter, _clock, back: subject.State!.Live == ClusterColour.Green);
        return (await engine.Replicator.GetStatusAsync(context, cancellationToken)) with { Service = subject.Service.Name };
    }

    internal async Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun();
        var back = subject.State!.Live == ClusterColour.Green;
        await using (var run = await StartRunAsync(subject, request, reporter, back, cancellationToken))
        {
            if (run.State.State == ClusterState.ReadOnly)
            {
                throw new UpgradeException("WritesClosed", $"Writes of service '{run.Service.Name}' are closed for a switch; replication cannot be stopped now.", "Open them with Set-ClusterReadWrite first.", FailureCategory.WrongState);
            }

            await run.Engine.Replicator.StopAsync(run.Context, cancellationToken);
            run.Record(new JournalEntry { Kind = JournalKind.UndoDone, Name = nameof(StepName.Replicate), Data = Facts.Of((FactName.FollowsBack, bool.FalseString)) });
            run.Reach(back ? run.State.State : ClusterState.Provisioned);
            run.Flush();
        }

        return await GetReplicationAsync(request, reporter, cancellationToken);
    }

    internal async Task<ComparisonResult> CompareAsync(UpgradeRequest request, ComparisonOptions options, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun();
        var engine = _platform.FindEngine(subject.Service.Engine);
        var context = subject.ContextFor(_platform, subject.Green!, reporter, _clock, back: subject.State!.Live == ClusterColour.Green);
        return await engine.Comparer.CompareAsync(context, options, cancellationToken);
    }

    internal async Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun();
        await using (var run = await StartRunAsync(subject, request, reporter, subject.State!.Live == ClusterColour.Green, cancellationToken))
        {
            if (await new WindowRecovery(run).EndWindowAsync())
            {
                run.Tell(ReportLevel.Warning, $"The switch had been decided before: {run.Target.Colour} serves.");
            }

            if (run.Green.Shards.Count == 0)
            {
                run.Reach(ClusterState.Serving, UpgradeState.UndoneText);
            }

            run.Flush();
        }

        await EndIfOverAsync(subject.Store, subject.State!.UpgradeId, subject.Service.Name, cancellationToken);
        return await GetClusterAsync(request, reporter, cancellationToken);
    }

    internal Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request) =>
        Task.FromResult(UpgradeList.Read(_platform, request, _clock));

    internal Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun();
        return _keeper.AfterAsync(subject.Store, () => ResumeOnceAsync(subject, request, reporter, cancellationToken));
    }

    private async Task<StatefulCluster> ResumeOnceAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        await _keeper.WaitAsync(subject, reporter, cancellationToken);
        subject = UpgradeSubject.Find(_platform, request).Begun(evenEnded: true);
        var stretch = subject.State!.Goal ?? subject.State.LastGoal;
        if (subject.State.Ended || stretch is null)
        {
            return await GetClusterAsync(request, reporter, cancellationToken);
        }

        var merged = StretchRules.Merge(subject.State.GoalRequest, request);
        var through = stretch == UpgradeStretch.Everything && merged.Until is { } until ? $" through {until}" : string.Empty;
        reporter.Report(new ReportEvent(ReportLevel.Information, $"Resuming upgrade {subject.State.UpgradeId} towards {stretch}{through}, last step {subject.State.LastStep}."));
        return await ReachAsync(stretch.Value, subject, merged, reporter, cancellationToken, resumed: true);
    }

    internal Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun();
        return _keeper.AfterAsync(subject.Store, () => UndoOnceAsync(subject, request, reporter, cancellationToken));
    }

    private async Task<StatefulCluster> UndoOnceAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        await _keeper.StopAsync(subject, () => StopWish.Ask(subject.Store, subject.State!.UpgradeId), reporter, cancellationToken);
        subject = UpgradeSubject.Find(_platform, request).Begun();
        await SettleAsync(subject, request, reporter, cancellationToken);
        subject = UpgradeSubject.Find(_platform, request).Begun();
        if (subject.State!.Live == ClusterColour.Green)
        {
            await EnsureNotRetiredAsync(subject, reporter, cancellationToken);
            await ReachAsync(UpgradeStretch.SwitchBack, subject, request, reporter, cancellationToken);
            subject = UpgradeSubject.Find(_platform, request).Begun();
        }

        await RemoveGreenAsync(subject, request, reporter, cancellationToken);
        await EndIfOverAsync(subject.Store, subject.State!.UpgradeId, subject.Service.Name, cancellationToken);
        return await GetClusterAsync(request, reporter, cancellationToken);
    }

    /// <summary>Sees that an upgrade can still be taken back, before anything is.</summary>
    /// <exception cref="UpgradeException">Blue is retired, or its retirement was begun.</exception>
    internal async Task<ClusterColour> RequireWayBackAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun(evenEnded: true);
        if (subject.State!.State == ClusterState.Retired)
        {
            throw new UpgradeException("BlueRetired", $"Blue of '{subject.Service.Name}' is retired: there is no way back for it.", "Resume the upgrade to finish it; or take back what is not retired, shard by shard.", FailureCategory.WrongState) { Target = subject.Service.Name };
        }

        if (subject.State.Live == ClusterColour.Green)
        {
            await EnsureNotRetiredAsync(subject, reporter, cancellationToken);
        }

        return subject.State.Live;
    }

    internal async Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun();
        var id = subject.State!.UpgradeId;
        StopWish.Ask(subject.Store, id);
        while (UpgradeList.Summarize(subject.Store, id, _clock) is { Status: UpgradeStatus.Running } running
            && UpgradeState.Of(id, subject.Store.Read(id)).Goal is not null)
        {
            reporter.Report(new ReportEvent(ReportLevel.Verbose, $"Waiting for {id} to leave step {running.Step}."));
            await Task.Delay(TimeSpan.FromMilliseconds(200), _clock, cancellationToken);
        }

        return UpgradeList.Summarize(subject.Store, id, _clock);
    }

    internal Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath)
    {
        var subject = UpgradeSubject.Find(_platform, request).Begun(evenEnded: true);
        var id = subject.State!.UpgradeId;
        var summary = UpgradeList.Summarize(subject.Store, id, _clock) with { Report = htmlPath ?? jsonPath ?? string.Empty };
        ReportWriter.Write(ReportOf(subject.Store, summary, subject.Entries), htmlPath, jsonPath);
        return Task.FromResult(summary);
    }

    private RunReport ReportOf(JournalStore store, UpgradeSummary summary, IReadOnlyList<JournalEntry> entries) => RunReport.Of(summary, entries) with
    {
        Shards = [.. summary.Shards.Where(shard => shard.UpgradeId is not null).Select(shard => ReportOf(ShardJournals.StoreOf(store, shard.Shard), shard.UpgradeId!) with { Shard = shard.Shard })],
    };

    private RunReport ReportOf(JournalStore store, string upgradeId) => ReportOf(store, UpgradeList.Summarize(store, upgradeId, _clock), store.Read(upgradeId));

    public ValueTask DisposeAsync() => _sessions.DisposeAsync();

    private async Task<UpgradeSubject> BeginAsync(UpgradeStretch stretch, UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var engine = _platform.FindEngine(subject.Service.Engine);
        var forMaintenance = stretch == UpgradeStretch.CloseWrites;
        var green = forMaintenance ? new ClusterLayout(ClusterColour.Green, subject.Service.Blue.Version, []) : await PlanGreenAsync(subject, engine, request, cancellationToken);
        if (!forMaintenance)
        {
            await using var router = _platform.CreateRouter(subject.Service);
            var context = subject.ContextFor(_platform, green, reporter, _clock);
            PreflightInspection.ThrowIfRefused(await PreflightInspection.InspectAsync(_platform, context, engine, router, request.Consent, cancellationToken));
        }

        return subject.Begin(subject.Store.NewId(subject.Service.Name, _clock.GetUtcNow()), green, request, _clock);
    }

    private async Task<ClusterLayout> PlanGreenAsync(UpgradeSubject subject, IEngine engine, UpgradeRequest request, CancellationToken cancellationToken)
    {
        var version = request.TargetVersion ?? subject.Service.Green.Version
            ?? throw new UpgradeException("TargetVersionMissing", $"Which version is green to run? Neither the call nor '{subject.Service.Path}' says so.", "Name it with -Version (--to), or as green.version in the service file.", FailureCategory.InvalidInput);
        var green = await engine.Preflight.PlanGreenAsync(subject.Service, version, _platform.CreateHosts(subject.Service), cancellationToken);
        return request.Strategy == UpgradeStrategy.VolumeReuse ? ReusedLayout.Plan(subject.Service, green) : green;
    }

    /// <summary>Runs the rows of a stretch under the lease, with the goal in the journal around them.</summary>
    private async Task<StatefulCluster> ReachAsync(UpgradeStretch stretch, UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken, bool resumed = false)
    {
        await using (var run = await StartRunAsync(subject, request, reporter, stretch == UpgradeStretch.SwitchBack, cancellationToken))
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Lost);
            run.BeginIfNew(subject);
            run.Record(new JournalEntry
            {
                Kind = JournalKind.Goal,
                Name = stretch.ToString(),
                Data = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [FactName.Request] = ModelJson.Write(request),
                    [FactName.Consent] = ModelJson.Write((run.State.Fact<UpgradeConsent>(FactName.Consent) ?? new UpgradeConsent()).And(request.Consent)),
                },
            });
            try
            {
                if (resumed)
                {
                    await new WindowRecovery(run).SettleAsync(continueOpenWindow: false, stopping.Token);
                }

                await new StepRunner(run).RunAsync(StretchRules.RowsFor(stretch, run), stopping.Token);
                run.Record(new JournalEntry { Kind = JournalKind.GoalEnd, Name = stretch.ToString() });
            }
            catch (Exception failure) when (failure is not UpgradeException { Category: FailureCategory.StaleEpoch } and not UpgradeException { ErrorId: Failures.WindowUnknown } && Failures.IsOfTheWorld(failure))
            {
                run.Record(new JournalEntry { Kind = JournalKind.GoalEnd, Name = stretch.ToString(), Text = failure.Message });
                throw;
            }
        }

        await EndIfOverAsync(subject.Store, subject.State!.UpgradeId, subject.Service.Name, cancellationToken);
        return await GetClusterAsync(request with { UpgradeId = subject.State.UpgradeId }, reporter, cancellationToken);
    }

    // A retirement that died before it was written down may have ended blue, which nothing can follow into.
    private async Task EnsureNotRetiredAsync(UpgradeSubject subject, IReporter reporter, CancellationToken cancellationToken)
    {
        if (subject.State!.StatusOf(StepName.Retire, back: false) == StepStatus.Pending && subject.State.StatusOf(StepName.Join, back: false) == StepStatus.Pending)
        {
            return;
        }

        var cluster = await ClusterView.AskAsync(_platform, subject, reporter, cancellationToken);
        foreach (var node in cluster.Blue.Primaries.Where(node => cluster.Nodes.Any(status => status.Name == node.Name && !status.Reachable)))
        {
            throw new UpgradeException("BlueRetired", $"The retirement of blue has begun, and {node} no longer runs: there is no way back.", "Resume the upgrade to finish it; or start the node again, then undo.", FailureCategory.WrongState) { Target = node.Name };
        }
    }

    private async Task SettleAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        await using var run = await StartRunAsync(subject, request, reporter, subject.State!.Live == ClusterColour.Green, cancellationToken);
        await new WindowRecovery(run).SettleAsync(continueOpenWindow: false, cancellationToken);
        run.Flush();
    }

    private async Task RemoveGreenAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        await using var run = await StartRunAsync(subject, request, reporter, back: false, cancellationToken);
        if (run.Green.Shards.Count > 0)
        {
            await run.Engine.Replicator.StopAsync(run.Context, cancellationToken);
            await PreparationSteps.RemoveTargetAsync(run, cancellationToken);
        }

        run.Record(new JournalEntry { Kind = JournalKind.GoalEnd, Name = "Undo" });
        run.Reach(ClusterState.Serving, UpgradeState.UndoneText);
        run.Flush();
    }

    private async Task EndIfOverAsync(JournalStore store, string upgradeId, string service, CancellationToken cancellationToken)
    {
        if (UpgradeState.Of(upgradeId, store.Read(upgradeId)).Ended)
        {
            await _sessions.EndAsync(service, cancellationToken);
        }
    }

    private async Task<UpgradeRun> StartRunAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, bool back, CancellationToken cancellationToken)
    {
        var session = await _sessions.OpenAsync(subject, cancellationToken);
        var id = subject.State!.UpgradeId;
        // Read again under the lease: whoever held it before may have gone on until now.
        var state = subject.Beginning is null ? UpgradeState.Of(id, subject.Store.Read(id)) : subject.State;
        return new UpgradeRun
        {
            Platform = _platform,
            Service = subject.Service,
            Engine = _platform.FindEngine(subject.Service.Engine),
            Blue = ReusedLayout.Staying(subject.Blue, subject.Green!, subject.Service),
            Green = ReusedLayout.WithoutLast(subject.Blue, subject.Green!, subject.Service),
            WholeBlue = subject.Blue,
            WholeGreen = subject.Green!,
            Strategy = subject.Strategy,
            State = state,
            Store = subject.Store,
            Journal = subject.Store.Open(id),
            Guard = session.Guard,
            Router = _platform.CreateRouter(subject.Service),
            Reporter = reporter,
            Request = request,
            Clock = _clock,
            Faults = _faults,
            Back = back,
            StopRequested = session.StopRequested,
            Lost = session.Lease.Lost,
            ClosedAt = session.ClosedAt,
            Session = session,
        };
    }
}
