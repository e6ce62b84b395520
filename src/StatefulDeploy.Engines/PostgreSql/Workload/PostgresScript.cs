using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace StatefulDeploy.Engines.PostgreSql.Workload;

/// <summary>The text of a script of pgbench: which statements it has.</summary>
internal static partial class PostgresScript
{
    private static readonly string[] Planned = ["select", "insert", "update", "delete", "merge", "values", "with"];

    /// <summary>The statements that are planned, each once; a variable of pgbench stands as a parameter.</summary>
    public static IReadOnlyList<string> Statements(string text) =>
        [.. Split(text).Select(Number).Where(statement => Planned.Contains(Word().Match(statement).Value.TrimStart('(').ToLowerInvariant(), StringComparer.Ordinal)).Distinct(StringComparer.Ordinal)];

    /// <summary>How many parameters a statement has.</summary>
    public static int Parameters(string statement) =>
        Parameter().Matches(statement).Select(match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();

    // A backslash begins a command of pgbench's own, which ends with its line.
    private static IEnumerable<string> Split(string text)
    {
        string sql = MetaCommand().Replace(text, string.Empty);
        StringBuilder statement = new();
        foreach (Match piece in Piece().Matches(sql))
        {
            if (piece.Value == ";")
            {
                yield return statement.ToString().Trim();
                statement.Clear();
            }
            else if (!piece.Groups["comment"].Success)
            {
                statement.Append(piece.Value);
            }
        }

        if (statement.ToString().Trim() is { Length: > 0 } last)
        {
            yield return last;
        }
    }

    private static string Number(string statement)
    {
        List<string> names = [];
        return Variable().Replace(statement, match =>
        {
            if (!match.Groups["name"].Success)
            {
                return match.Value;
            }

            string name = match.Groups["name"].Value;
            if (!names.Contains(name, StringComparer.Ordinal))
            {
                names.Add(name);
            }

            return string.Create(CultureInfo.InvariantCulture, $"${names.IndexOf(name) + 1}");
        });
    }

    [GeneratedRegex(@"^[ \t]*\\.*$", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MetaCommand();

    // A literal, a quoted name, a dollar-quoted text, a comment, the end of a statement, or any other character.
    [GeneratedRegex(@"'(?:[^']|'')*'|""(?:[^""]|"""")*""|(?<tag>\$[A-Za-z_]*\$).*?\k<tag>|(?<comment>--[^\n]*|/\*.*?\*/)|;|.", RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Piece();

    [GeneratedRegex(@"'(?:[^']|'')*'|::|:(?<name>[A-Za-z_][A-Za-z0-9_]*)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$(?<number>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\(*[A-Za-z]+", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
