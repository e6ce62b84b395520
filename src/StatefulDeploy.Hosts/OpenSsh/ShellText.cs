namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>Text as a word of a shell's command.</summary>
internal static class ShellText
{
    /// <summary>Inside single quotes a shell takes everything as it is but a single quote.</summary>
    public static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    public static string Quote(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));
}
