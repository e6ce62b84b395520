using StatefulDeploy.Contracts;
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
        if (FindWriterElsewhere(context.Service) is { } writer)
            findings.Add(Finding.Refuse("WriterOnAnotherHost", writer.Name, WriterElsewhere(writer), Remedy(writer)));

        var elsewhere = context.Source.Nodes.Concat(context.Target.Nodes).Where(node => node.Host != Here).ToList();
        if (elsewhere.Count > 0 && !engine.SupportsOtherHosts)
            findings.Add(Finding.Refuse("OtherHostsNotSupported", elsewhere[0].Name, $"{elsewhere[0]} is on host '{elsewhere[0].Host}'. This release upgrades {engine.DisplayName} on the machine that the upgrade is run on.", "Use 'host: local', or leave the key out."));

        if (findings.Count > 0)
            return findings;

        foreach (var host in HostsOf(context))
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

        return findings;
    }

    /// <summary>Sees that the guard, which stays on the machine that it is started on, is on the writer's host.</summary>
    /// <exception cref="UpgradeException">The writer is elsewhere.</exception>
    internal static void RequireWriterHere(ServiceDescription service)
    {
        if (FindWriterElsewhere(service) is { } writer)
            throw new UpgradeException("WriterOnAnotherHost", WriterElsewhere(writer), Remedy(writer), FailureCategory.Refused) { Target = writer.Name };
    }

    /// <summary>Sees that every host answers, before anything is closed that needs it to be opened in good order.</summary>
    /// <exception cref="UpgradeException">One does not.</exception>
    internal static Task RequireReachableAsync(EngineContext context, CancellationToken cancellationToken) =>
        Task.WhenAll(HostsOf(context).Select(host => host.RunAsync(new HostCommand("id"), cancellationToken)));

    private static IEnumerable<IHost> HostsOf(EngineContext context) => context.Source.Nodes.Concat(context.Target.Nodes)
        .Select(node => node.Host).Where(name => name != Here).Distinct(StringComparer.Ordinal).Select(name => context.Hosts[name]);

    private static Node? FindWriterElsewhere(ServiceDescription service) => service.Blue.Primaries.FirstOrDefault(node => node.Host != Here);

    private static string WriterElsewhere(Node writer) =>
        $"Blue's writer {writer} is on host '{writer.Host}'. The guard, which ends a closed window when everybody else is gone, runs on the writer's host, and this release starts it only on the machine that the upgrade is run on.";

    private static string Remedy(Node writer) =>
        $"Run the upgrade on '{writer.Host}' itself: there this node is 'host: local', and the other hosts are described under 'hosts', as that machine reaches them by ssh.";
}
