using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>A command as the server's <c>COMMAND</c> table describes it.</summary>
/// <param name="Name">In lower case; of a subcommand <c>container|name</c>.</param>
/// <param name="Writes">Whether it has the flag <c>write</c>.</param>
/// <param name="InWriteCategory">Whether it is in the ACL category <c>@write</c>.</param>
internal sealed record RedisCommandInfo(string Name, bool Writes, bool InWriteCategory)
{
    /// <summary>Reads the answer to <c>COMMAND</c>, subcommands included.</summary>
    public static IEnumerable<RedisCommandInfo> ParseAll(RespValue table)
    {
        foreach (RespValue entry in table.Items)
        {
            yield return new RedisCommandInfo(entry.Items[0].AsString().ToLowerInvariant(), Has(entry.Items[2], "write"), Has(entry.Items[6], "@write"));
            foreach (RedisCommandInfo subcommand in entry.Items.Count > 9 ? ParseAll(entry.Items[9]) : [])
            {
                yield return subcommand;
            }
        }
    }

    private static bool Has(RespValue list, string word) => list.Items.Any(item => item.AsString() == word);
}
