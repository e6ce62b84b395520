using StatefulDeploy.Contracts;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The fence of one node: its users as they were, and what is taken from each. Every user is stripped where it stands, so that sessions that exist lose the rights too.</summary>
/// <param name="Originals">The users as they are to be when the node is open; ours are not among them.</param>
/// <param name="Commands">The server's commands.</param>
internal sealed record GarnetFence(IReadOnlyList<GarnetUser> Originals, GarnetCommands Commands)
{
    private const int MostRounds = 10;

    /// <summary>A write as clients do it that leaves nothing behind: the key does not exist, and XX sets only one that does.</summary>
    public static RespCommand ProbeWrite => ["SET", "{statefuldeploy}:probe", "1", "XX"];

    /// <summary>
    /// Closes all users and reads the list again: whoever was made just before is closed in the next round, and from the first round on no user but
    /// ours can make one.
    /// </summary>
    /// <returns>This fence, or a new one when there were users that it did not know.</returns>
    public async Task<GarnetFence> CloseAsync(RespConnection control, CancellationToken cancellationToken)
    {
        GarnetFence fence = this;
        for (int round = 0; round < MostRounds; round++)
        {
            IReadOnlyList<RespValue> replies = await control.PipelineAsync([.. fence.Originals.Select(fence.Closing), ["ACL", "LIST"]], cancellationToken);
            List<GarnetUser> open = [.. Users(replies).Where(user => !user.IsOurs && !Commands.IsClosed(user))];
            if (open.Count == 0)
            {
                return fence;
            }

            fence = fence with { Originals = [.. fence.Originals, .. open.Where(user => !fence.Knows(user.Name))] };
        }

        throw new UpgradeException("FenceUnstable", "Users keep appearing while the node is being closed.", "Find who creates ACL users on this node, stop it, and try again.");
    }

    /// <summary>Whether every user but ours can neither write nor lift the fence.</summary>
    public static async Task<bool> IsClosedAsync(RespConnection control, GarnetCommands commands, CancellationToken cancellationToken) =>
        (await GarnetUser.ListAsync(control, cancellationToken)).All(user => user.IsOurs || commands.IsClosed(user));

    private static IEnumerable<GarnetUser> Users(IReadOnlyList<RespValue> replies)
    {
        foreach (RespValue reply in replies)
        {
            reply.ThrowIfError();
        }

        return replies[^1].Items.Select(item => GarnetUser.Parse(item.AsString()));
    }

    private RespCommand Closing(GarnetUser user) => user.Command(Commands.ClosingRules(user));

    private bool Knows(string name) => Originals.Any(user => user.Name == name);
}
