using StatefulDeploy.Contracts;
using StatefulDeploy.Guard.Boot;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Workflow.Planning;

/// <summary>All findings on an upgrade: the engine's, the router's, and those that are the same for every engine.</summary>
internal static class PreflightInspection
{
    internal static async Task<IReadOnlyList<Finding>> InspectAsync(IPlatform platform, EngineContext context, IEngine engine, IRouter router, UpgradeConsent consent, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>(await HostInspection.InspectAsync(context, engine, cancellationToken));
        if (findings.Count > 0)
            return findings;

        if (platform.CreateMachineProvider(context.Service, context.Reporter) is { } machines)
            findings.AddRange(await machines.InspectAsync(context, cancellationToken));

        findings.AddRange(Redundancy(context));
        findings.AddRange(await ClockInspection.InspectAsync(context, cancellationToken));
        findings.Add(await new BootStart(context.Hosts[context.Service.Blue.Writer.Host]).InspectAsync(cancellationToken));
        using (var reuse = new ReuseInspection(platform, context))
            findings.AddRange(await reuse.RunAsync(engine, consent, cancellationToken));

        findings.AddRange(await engine.Preflight.InspectAsync(context, cancellationToken));
        findings.AddRange(await router.InspectAsync(context, cancellationToken));
        findings.AddRange(new VerificationRunner(engine.Copies, engine.Workload).Inspect(context, consent));
        var wayBack = await FindWayBackAsync(context, engine, cancellationToken);
        if (!wayBack.Exists)
        {
            findings.Add(consent.AllowOneWay || context.Service.AllowOneWay
                ? Finding.Warn("OneWay", context.Service.Name, $"There is no way back after the switch: {wayBack.Explanation}", "You consented to it; a snapshot is the only copy of the old state.")
                : Finding.Refuse("OneWay", context.Service.Name, $"There is no way back after the switch: {wayBack.Explanation}", "Consent with -AllowOneWay (--allow-one-way, or allowOneWay: true in the service file), or choose a version with a way back."));
        }

        return findings;
    }

    /// <summary>How, if at all, the switch could be undone after green was opened. Both layouts are whole.</summary>
    internal static async Task<WayBack> FindWayBackAsync(EngineContext context, IEngine engine, CancellationToken cancellationToken) =>
        ReusedLayout.IsOutage(context.Service, context.Source, context.Target)
            ? new WayBack(WayBackKind.None, "the volume of the only node goes to the new server, and the old one has no data to follow it with. Until the new server is opened for clients everything goes back to the snapshot that was taken when the old one had ended, and nothing is lost.")
            : await engine.Preflight.FindWayBackAsync(context, cancellationToken);

    /// <exception cref="UpgradeException">A finding refuses.</exception>
    internal static void ThrowIfRefused(IReadOnlyList<Finding> findings)
    {
        var refused = findings.Where(finding => finding.Severity == FindingSeverity.Refuse).ToList();
        if (refused.Count > 0)
        {
            var more = refused.Count > 1 ? $" ({refused.Count - 1} more: {string.Join(", ", refused.Skip(1).Select(finding => finding.Code))})" : string.Empty;
            throw new UpgradeException(refused[0].Code, $"{refused[0].Subject}: {refused[0].Message}{more}", refused[0].Remedy, FailureCategory.Refused) { Target = refused };
        }
    }

    private static IEnumerable<Finding> Redundancy(EngineContext context)
    {
        var wanted = context.Service.DataClass.HotReplicas;
        foreach (var shard in context.Target.Shards.Where(shard => shard.Replicas.Count() < wanted))
        {
            yield return Finding.Refuse("TooFewReplicas", $"shard {shard.Name}", $"Green is planned with {shard.Replicas.Count()} replica(s); data class '{context.Service.DataClass.Name}' asks for {wanted}.", "Describe more replicas under green, or choose another data class.");
        }
    }
}
