using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Guard.Remote;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Planning;

/// <summary>Whether the nodes are on hosts where this release can upgrade them, and the hosts answer.</summary>
internal static class HostInspection
{
    internal const string Here = "local";

    /// <summary>What refuses; when there is anything, nothing else can be asked.</summary>
    internal static async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, IEngine engine, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var elsewhere = context.Source.Nodes.Concat(context.Target.Nodes).Where(node => node.Host != Here).ToList();
        if (elsewhere.Count > 0 && !engine.SupportsOtherHosts)
            findings.Add(Finding.Refuse("OtherHostsNotSupported", elsewhere[0].Name, $"{elsewhere[0]} is on host '{elsewhere[0].Host}'. This release upgrades {engine.DisplayName} on the machine that the upgrade is run on.", "Use 'host: local', or leave the key out."));

        if (findings.Count > 0)
            return findings;

        foreach (var host in HostsOf(context).Where(host => host.Exists))
        {
            try
            {
                await host.RunAsync(new HostCommand("id"), cancellationToken);
            }
            catch (UpgradeException error)
            {
                findings.Add(Finding.Refuse(error.ErrorId, $"host {host.Name}", error.Message, error.RecommendedAction));
            }
        }

        return findings.Count > 0 ? findings : await InspectGuardAsync(context, cancellationToken);
    }

    /// <summary>Sees that every host answers, before anything is closed that needs it to be opened in good order.</summary>
    /// <exception cref="UpgradeException">One does not.</exception>
    internal static Task RequireReachableAsync(EngineContext context, CancellationToken cancellationToken) =>
        Task.WhenAll(HostsOf(context).Select(host => host.RunAsync(new HostCommand("id"), cancellationToken)));

    /// <summary>What stands against a guard on the host of blue's writer, where that is another machine.</summary>
    private static async Task<IReadOnlyList<Finding>> InspectGuardAsync(EngineContext context, CancellationToken cancellationToken)
    {
        if (context.Hosts[context.Service.Blue.Writer.Host] is not IRemoteHost host)
            return [];

        var options = new GuardClientOptions { Service = context.Service, OwnProgram = context.OwnProgram, Host = host, Hosts = context.Hosts, UpgradeId = context.UpgradeId };
        return await new RemoteGuard(options, host).InspectAsync(cancellationToken);
    }

    private static IEnumerable<IHost> HostsOf(EngineContext context) => context.Source.Nodes.Concat(context.Target.Nodes)
        .Select(node => node.Host).Where(name => name != Here).Distinct(StringComparer.Ordinal).Select(name => context.Hosts[name]);
}
