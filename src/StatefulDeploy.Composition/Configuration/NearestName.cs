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

    // Levenshtein with two rows.
    private static int Edits(string left, string right)
    {
        var above = Enumerable.Range(0, right.Length + 1).ToArray();
        var row = new int[right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above[j], row[j - 1]) + 1);
            }

            (above, row) = (row, above);
        }

        return above[right.Length];
    }
}
