using StatefulDeploy.Contracts;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The fence of one node: its users as they were, and what is taken from each.</summary>
/// <param name="Originals">The users as they are to be when the node is opened; ours is not among them.</param>
/// <param name="Denials">The rules that close.</param>
internal sealed record RedisFence(IReadOnlyList<RedisAclUser> Originals, IReadOnlyList<string> Denials)
{
    private const int MostRounds = 10;
    private const int StillMilliseconds = 10_000;

    // Each stands for a way in: writing, removing, changing the ACL, the configuration, and the role.
    private static readonly RespCommand[] Samples =
    [
        ["SET", "k", "v"], ["DEL", "k"], ["FLUSHALL"], ["ACL", "SETUSER", "x"], ["CONFIG", "SET", "maxmemory", "0"], ["REPLICAOF", "NO", "ONE"],
    ];

    /// <summary>Begins the pause in which a closed primary ends no keys.</summary>
    public static RespCommand KeepStill => ["CLIENT", "PAUSE", StillMilliseconds, "WRITE"];

    /// <summary>Ends the pause in which a closed primary ends no keys.</summary>
    public static RespCommand Go => ["CLIENT", "UNPAUSE"];

    /// <summary>A write as clients do it that leaves nothing behind: the key does not exist, and XX sets only one that does.</summary>
    public static RespCommand ProbeWrite => ["SET", "{statefuldeploy}:probe", "1", "XX"];

    /// <summary>
    /// Closes all users in one transaction and reads the list again: whoever was made by another administrator just before it is closed in the
    /// next round, and from the first round on no user but ours can make one.
    /// </summary>
    /// <returns>This fence, or a new one when there were users that it did not know.</returns>
    public async Task<RedisFence> CloseAsync(RespConnection control, CancellationToken cancellationToken)
    {
        RedisFence fence = this;
        for (int round = 0; round < MostRounds; round++)
        {
            IReadOnlyList<RespValue> replies = await control.PipelineAsync([["MULTI"], .. fence.Commands(), ["EXEC"], ["ACL", "LIST"], ["ROLE"]], cancellationToken);
            ThrowIfRefused(replies);
            List<RedisAclUser> strangers = [.. RedisAclUser.ParseAll(replies[^2]).Where(user => user.Name != RedisAccess.ControlUser && !fence.Knows(user.Name))];
            if (strangers.Count == 0)
            {
                await KeepStillAsync(control, replies[^1], cancellationToken);
                return fence;
            }

            fence = fence with { Originals = [.. fence.Originals, .. strangers] };
        }

        throw new UpgradeException("FenceUnstable", "Users keep appearing while the node is being closed.", "Find who creates ACL users on this node, stop it, and try again.");
    }

    /// <summary>Whether every user but ours lacks the rights that the fence takes.</summary>
    public static async Task<bool> IsClosedAsync(RespConnection control, CancellationToken cancellationToken)
    {
        IReadOnlyList<RedisAclUser> users = await control.UsersAsync(cancellationToken);
        RespCommand[] questions = [.. users.Where(user => user.Name != RedisAccess.ControlUser && !user.IsShut).SelectMany(user => Samples.Select(sample => Question(user.Name, sample)))];
        if (questions.Length == 0)
        {
            return true;
        }

        IReadOnlyList<RespValue> answers = await control.PipelineAsync(questions, cancellationToken);

        // DRYRUN answers OK for what is allowed, and tells the reason otherwise. A key that a user may not touch is told before or after: only OK counts.
        return answers.All(answer => !answer.IsError && answer.AsString() != "OK");
    }

    // Keeps a closed primary from ending keys by itself (by expiry or eviction) until it follows the other cluster, whose stream tells then when a
    // key ends: one that is prolonged over there in the meantime would be lost here. This is no fence: it ends by itself, and only delays EVAL,
    // PUBLISH and the EXEC of a transaction that will be refused. A replica ends no keys, and the pause would hold up its primary's stream.
    private static async Task KeepStillAsync(RespConnection control, RespValue role, CancellationToken cancellationToken)
    {
        if (role.Items[0].AsString() == "master")
        {
            await control.ExecuteAsync(KeepStill, cancellationToken);
        }
    }

    private static RespCommand Question(string user, RespCommand sample) => RespCommand.Create([.. new RespArgument[] { "ACL", "DRYRUN", user }, .. sample]);

    private static void ThrowIfRefused(IReadOnlyList<RespValue> replies)
    {
        foreach (RespValue reply in replies)
        {
            reply.ThrowIfError();
        }

        foreach (RespValue done in replies[^3].Items)
        {
            done.ThrowIfError();
        }
    }

    private bool Knows(string name) => Originals.Any(user => user.Name == name);

    private IEnumerable<RespCommand> Commands() => Originals.Select(user => user.Without(Denials).ToCommand());
}
