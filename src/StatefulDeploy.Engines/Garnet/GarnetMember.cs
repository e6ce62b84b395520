using System.Globalization;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A line of <c>CLUSTER NODES</c>.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="Address">Its address and port, as <c>host:port</c>.</param>
/// <param name="IsMyself">Whether it is the node that was asked.</param>
/// <param name="PrimaryId">The id of the primary that it follows; null for a primary.</param>
/// <param name="SlotCount">How many slots it owns.</param>
internal sealed record GarnetMember(string Id, string Address, bool IsMyself, string? PrimaryId, int SlotCount)
{
    /// <summary>Reads <c>id host:port@bus,name flags primary sent received epoch state slots…</c>.</summary>
    public static GarnetMember Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] flags = words[2].Split(',');
        string address = words[1].Split('@')[0];
        int word = 3;
        string? primary = flags.Contains("slave") && words[3] is { Length: 40 } id ? id : null;
        if (words[3] == "-" || words[3].Length == 40)
        {
            word = 4;
        }

        // sent, received, epoch and state lie before the slots.
        return new GarnetMember(words[0], address, flags.Contains("myself"), primary, words.Skip(word + 4).Sum(CountSlots));
    }

    private static int CountSlots(string range)
    {
        string[] ends = range.Split('-');
        return range[0] != '[' && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            ? last - first + 1
            : 0;
    }
}
