using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Machines;
using StatefulDeploy.Model;
using StatefulDeploy.Reporting;
using StatefulDeploy.Reuse;
using StatefulDeploy.Workflow.Planning;
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
        var subject = await FindAsync(request, cancellationToken);
        return await ClusterView.AskAsync(_platform, subject, reporter, cancellationToken);
    }

    internal async Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = await FindAsync(request, cancellationToken);
        var engine = _platform.FindEngine(subject.Service.Engine);
        var hosts = await HostsToCome.FindAsync(_platform, subject.Service, reporter, cancellationToken);
        var green = subject.Green ?? await PlanGreenAsync(subject, engine, request, hosts, cancellationToken);
        await using var router = _platform.CreateRouter(subject.Service);
        return await Planner.PlanAsync(_platform, subject.ContextFor(_platform, green, reporter, _clock) with { Hosts = hosts }, engine, router, request, cancellationToken);
    }

    internal async Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = await FindAsync(request, cancellationToken);
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
        var state = (await FindAsync(request with { UpgradeId = cluster.UpgradeId }, cancellationToken)).State!;
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
        var subject = (await FindAsync(request, cancellationToken)).Begun();
        var engine = _platform.FindEngine(subject.Service.Engine);
        var context = subject.ContextFor(_platform, subject.Green!, reporter, _clock, back: subject.State!.Live == ClusterColour.Green);
        return (await engine.Replicator.GetStatusAsync(context, cancellationToken)) with { Service = subject.Service.Name };
    }

    internal async Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = (await FindAsync(request, cancellationToken)).Begun();
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
        var subject = (await FindAsync(request, cancellationToken)).Begun();
        var engine = _platform.FindEngine(subject.Service.Engine);
        var context = subject.ContextFor(_platform, subject.Green!, reporter, _clock, back: subject.State!.Live == ClusterColour.Green);
        return await engine.Comparer.CompareAsync(context, options, cancellationToken);
    }

    internal async Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = (await FindAsync(request, cancellationToken)).Begun();
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

    internal Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        UpgradeList.ReadAsync(_platform, request, _clock, cancellationToken);

    internal async Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = (await FindAsync(request, cancellationToken)).Begun();
        return await _keeper.AfterAsync(subject.Store, () => ResumeOnceAsync(subject, request, reporter, cancellationToken), cancellationToken);
    }

    private async Task<StatefulCluster> ResumeOnceAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        await _keeper.WaitAsync(subject, reporter, cancellationToken);
        subject = (await FindAsync(request, cancellationToken)).Begun(evenEnded: true);
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

    internal async Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = (await FindAsync(request, cancellationToken)).Begun();
        return await _keeper.AfterAsync(subject.Store, () => UndoOnceAsync(subject, request, reporter, cancellationToken), cancellationToken);
    }

    private async Task<StatefulCluster> UndoOnceAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        await _keeper.StopAsync(subject, () => subject.Store.AskToStopAsync(subject.State!.UpgradeId, cancellationToken), reporter, cancellationToken);
        subject = (await FindAsync(request, cancellationToken)).Begun();
        await SettleAsync(subject, request, reporter, cancellationToken);
        subject = (await FindAsync(request, cancellationToken)).Begun();
        StretchRules.RequireWayBack(subject);
        if (subject.State!.Live == ClusterColour.Green)
        {
            await EnsureNotRetiredAsync(subject, reporter, cancellationToken);
            await ReachAsync(UpgradeStretch.SwitchBack, subject, request, reporter, cancellationToken);
            subject = (await FindAsync(request, cancellationToken)).Begun();
        }

        await RemoveGreenAsync(subject, request, reporter, cancellationToken);
        await EndIfOverAsync(subject.Store, subject.State!.UpgradeId, subject.Service.Name, cancellationToken);
        return await GetClusterAsync(request, reporter, cancellationToken);
    }

    /// <summary>Sees that an upgrade can still be taken back, before anything is.</summary>
    /// <exception cref="UpgradeException">Blue is retired, or its retirement was begun.</exception>
    internal async Task<ClusterColour> RequireWayBackAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = (await FindAsync(request, cancellationToken)).Begun(evenEnded: true);
        if (subject.State!.State == ClusterState.Retired)
        {
            throw new UpgradeException("BlueRetired", $"Blue of '{subject.Service.Name}' is retired: there is no way back for it.", "Resume the upgrade to finish it; or take back what is not retired, shard by shard.", FailureCategory.WrongState) { Target = subject.Service.Name };
        }

        StretchRules.RequireWayBack(subject);
        if (subject.State.Live == ClusterColour.Green)
        {
            await EnsureNotRetiredAsync(subject, reporter, cancellationToken);
        }

        return subject.State.Live;
    }

    internal async Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var subject = (await FindAsync(request, cancellationToken)).Begun();
        var id = subject.State!.UpgradeId;
        await subject.Store.AskToStopAsync(id, cancellationToken);
        while (await UpgradeList.SummarizeAsync(subject.Store, id, cancellationToken) is { Status: UpgradeStatus.Running } running
            && UpgradeState.Of(id, await subject.Store.ReadAsync(id, cancellationToken)).Goal is not null)
        {
            reporter.Report(new ReportEvent(ReportLevel.Verbose, $"Waiting for {id} to leave step {running.Step}."));
            await Task.Delay(subject.Store.Pace, _clock, cancellationToken);
        }

        return await UpgradeList.SummarizeAsync(subject.Store, id, cancellationToken);
    }

    internal async Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath, CancellationToken cancellationToken)
    {
        var subject = (await FindAsync(request, cancellationToken)).Begun(evenEnded: true);
        var id = subject.State!.UpgradeId;
        var summary = (await UpgradeList.SummarizeAsync(subject.Store, id, cancellationToken)) with { Report = htmlPath ?? jsonPath ?? string.Empty };
        ReportWriter.Write(await ReportOfAsync(subject.Store, summary, subject.Entries, cancellationToken), htmlPath, jsonPath);
        return summary;
    }

    private static async Task<RunReport> ReportOfAsync(IJournalStore store, UpgradeSummary summary, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken)
    {
        var shards = new List<RunReport>();
        foreach (var shard in summary.Shards.Where(shard => shard.UpgradeId is not null))
        {
            var part = store.OfPart(shard.Shard);
            var report = await ReportOfAsync(part, await UpgradeList.SummarizeAsync(part, shard.UpgradeId!, cancellationToken), await part.ReadAsync(shard.UpgradeId!, cancellationToken), cancellationToken);
            shards.Add(report with { Shard = shard.Shard });
        }

        return RunReport.Of(summary, entries) with { Shards = shards };
    }

    public ValueTask DisposeAsync() => _sessions.DisposeAsync();

    private Task<UpgradeSubject> FindAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        UpgradeSubject.FindAsync(_platform, request, _clock, cancellationToken);

    private async Task<UpgradeSubject> BeginAsync(UpgradeStretch stretch, UpgradeSubject subject, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var engine = _platform.FindEngine(subject.Service.Engine);
        var forMaintenance = stretch == UpgradeStretch.CloseWrites;
        var hosts = forMaintenance ? _platform.CreateHosts(subject.Service) : await HostsToCome.FindAsync(_platform, subject.Service, reporter, cancellationToken);
        var green = forMaintenance ? new ClusterLayout(ClusterColour.Green, subject.Service.Blue.Version, []) : await PlanGreenAsync(subject, engine, request, hosts, cancellationToken);
        if (!forMaintenance)
        {
            await using var router = _platform.CreateRouter(subject.Service);
            var context = subject.ContextFor(_platform, green, reporter, _clock) with { Hosts = hosts };
            PreflightInspection.ThrowIfRefused(await PreflightInspection.InspectAsync(_platform, context, engine, router, request.Consent, cancellationToken));
        }

        return subject.Begin(await subject.Store.NewIdAsync(subject.Service.Name, _clock.GetUtcNow(), cancellationToken), green, request, _clock);
    }

    private static async Task<ClusterLayout> PlanGreenAsync(UpgradeSubject subject, IEngine engine, UpgradeRequest request, IHostDirectory hosts, CancellationToken cancellationToken)
    {
        var version = request.TargetVersion ?? subject.Service.Green.Version
            ?? throw new UpgradeException("TargetVersionMissing", $"Which version is green to run? Neither the call nor '{subject.Service.Path}' says so.", "Name it with -Version (--to), or as green.version in the service file.", FailureCategory.InvalidInput);
        var green = await engine.Preflight.PlanGreenAsync(subject.Service, version, hosts, cancellationToken);
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
            if (!run.HasOutage)
            {
                await MachineSteps.StopReplicationAsync(run, cancellationToken);
            }

            await PreparationSteps.RemoveTargetAsync(run, cancellationToken);
        }

        run.Record(new JournalEntry { Kind = JournalKind.GoalEnd, Name = "Undo" });
        run.Reach(ClusterState.Serving, UpgradeState.UndoneText);
        run.Flush();
    }

    private async Task EndIfOverAsync(IJournalStore store, string upgradeId, string service, CancellationToken cancellationToken)
    {
        if (UpgradeState.Of(upgradeId, await store.ReadAsync(upgradeId, cancellationToken)).Ended)
        {
            await _sessions.EndAsync(service, cancellationToken);
        }
    }

    private async Task<UpgradeRun> StartRunAsync(UpgradeSubject subject, UpgradeRequest request, IReporter reporter, bool back, CancellationToken cancellationToken)
    {
        var session = await _sessions.OpenAsync(subject, cancellationToken);
        var id = subject.State!.UpgradeId;
        // Read again under the lease: whoever held it before may have gone on until now.
        var state = subject.Beginning is null ? UpgradeState.Of(id, await subject.Store.ReadAsync(id, cancellationToken)) : subject.State;
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
            Journal = await session.Lease.OpenAsync(id, cancellationToken),
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
