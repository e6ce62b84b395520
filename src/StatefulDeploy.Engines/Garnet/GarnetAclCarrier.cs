using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Carries users and passwords, which replication does not: target gets source's users as they are when it opens, and closed until then.</summary>
internal static class GarnetAclCarrier
{
    /// <summary>Brings target's users up to date.</summary>
    public static async Task CarryAsync(EngineContext context, GarnetWindow window, CancellationToken cancellationToken)
    {
        IReadOnlyList<GarnetUser> users = await OriginalsAsync(context, window, cancellationToken);
        foreach (Node node in context.Target.Nodes)
        {
            IHost host = context.Hosts[node.Host];
            GarnetAclFile file = await GarnetAclFile.ReadAsync(node, host, cancellationToken);
            if (file.Originals is null || file.Originals.SequenceEqual(users))
            {
                continue;
            }

            RespConnection target = await window.ToAsync(node, cancellationToken);
            GarnetCommands commands = await GarnetCommands.AskAsync(target, cancellationToken);
            GarnetAclFile open = file with { Text = string.Concat(users.Select(user => user.Line + "\n")) };
            await host.WriteFileAsync(file.Path, open.Closed(users, commands, window.Access.Control), UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
            foreach (GarnetUser user in users)
            {
                await target.ExecuteAsync(user.With(commands.ClosingRules(user)).ToCommand(), cancellationToken);
            }
        }
    }

    /// <summary>The users that a node has when it is open, ours left out.</summary>
    public static async Task<IReadOnlyList<GarnetUser>> OriginalsAsync(EngineContext context, GarnetWindow window, CancellationToken cancellationToken)
    {
        IReadOnlyList<GarnetUser> live = await GarnetUser.ListAsync(await window.ToAsync(window.Source, cancellationToken), cancellationToken);
        GarnetAclFile file = await GarnetAclFile.ReadAsync(window.Source, context.Hosts[window.Source.Host], cancellationToken);
        IReadOnlyList<GarnetUser> known = file.Originals ?? [];
        return [.. known, .. live.Where(user => !user.IsOurs && known.All(other => other.Name != user.Name))];
    }
}
