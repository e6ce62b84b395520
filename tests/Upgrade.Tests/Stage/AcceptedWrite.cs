namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A write that a server acknowledged to a client that had gone past the router.</summary>
/// <param name="Side">Which cluster.</param>
/// <param name="Key">The key.</param>
/// <param name="Sent">When it was sent, in the clock's ticks.</param>
/// <param name="Answered">When it was answered.</param>
internal sealed record AcceptedWrite(string Side, string Key, long Sent, long Answered)
{
    /// <summary>
    /// How often, for certain, the cluster that takes writes changed: the longest chain of writes that alternate between the sides and
    /// of which each was sent after the one before had been answered. Two clusters that are open at once make it as long as their luck.
    /// </summary>
    public static int Changes(IEnumerable<AcceptedWrite> writes)
    {
        var changes = -1;
        AcceptedWrite? last = null;
        foreach (var write in writes.OrderBy(write => write.Answered))
        {
            if (last is null || (write.Side != last.Side && write.Sent > last.Answered))
            {
                changes++;
                last = write;
            }
        }

        return Math.Max(0, changes);
    }
}
