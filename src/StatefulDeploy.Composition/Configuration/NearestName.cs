namespace StatefulDeploy.Composition.Configuration;

/// <summary>Finds what a person probably meant to type.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the fewest edits, if they are few for its length; null when nothing is near.</summary>
    public static string? Of(string typed, IEnumerable<string> candidates) => candidates
        .Select(candidate => (Name: candidate, Edits: Edits(typed.ToUpperInvariant(), candidate.ToUpperInvariant())))
        .Where(candidate => candidate.Edits <= Math.Max(1, candidate.Name.Length / 3))
        .OrderBy(candidate => candidate.Edits)
        .Select(candidate => candidate.Name)
        .FirstOrDefault();

    /// <summary>The sentence for an error; empty when nothing is near.</summary>
    public static string Question(string typed, IEnumerable<string> candidates) => Of(typed, candidates) is { } name ? $" Did you mean '{name}'?" : string.Empty;

    // Levenshtein's distance, with two swapped neighbours as one edit: the most common slip of all.
    private static int Edits(string left, string right)
    {
        var edits = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            edits[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            edits[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = edits[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[left.Length, right.Length];
    }
}
