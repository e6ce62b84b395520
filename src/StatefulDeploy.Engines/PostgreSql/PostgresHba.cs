using System.Text;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>
/// The text of a node's <c>pg_hba.conf</c> in its three states: as its owner wrote it, open (our role besides), and closed (our role alone).
/// A closed one holds what its owner wrote as comments, so one file that is replaced as a whole tells the state and the way back from it.
/// </summary>
internal static class PostgresHba
{
    private const string ClosedMark = "# statefuldeploy: CLOSED during an upgrade. Nobody but its control role is let in. The lines behind '#|' come back when it opens.";
    private const string OpenMark = "# statefuldeploy: the control role of an upgrade under way; goes with its end.";
    private const string End = "# statefuldeploy: end";
    private const string Kept = "#|";

    /// <summary>Whether only our role is let in.</summary>
    public static bool IsClosed(string text) => text.StartsWith(ClosedMark, StringComparison.Ordinal);

    /// <summary>Whether our role is let in.</summary>
    public static bool HasControl(string text) => IsClosed(text) || text.StartsWith(OpenMark, StringComparison.Ordinal);

    /// <summary>As the owner wrote it.</summary>
    public static string Original(string text)
    {
        if (!HasControl(text))
        {
            return text;
        }

        int end = text.IndexOf(End + "\n", StringComparison.Ordinal);
        string rest = text[(end + End.Length + 1)..];
        return IsClosed(text) ? string.Concat(Lines(rest).Select(line => line[Kept.Length..])) : rest;
    }

    /// <summary>The owner's text with the rules by which replicas follow; they stay with it.</summary>
    public static string WithReplicas(string text) => Original(text) is var original && original.Contains(Replicas, StringComparison.Ordinal) ? original : Replicas + original;

    /// <summary>Everybody as the owner wrote it, and our role.</summary>
    public static string Open(string text) => $"{OpenMark}\n{Control}{End}\n{Original(text)}";

    /// <summary>Our role alone. Physical replication goes on: such a session can run no SQL.</summary>
    public static string Close(string text)
    {
        string original = Original(text);
        StringBuilder closed = new StringBuilder().Append(ClosedMark).Append('\n').Append(Control);
        foreach (string line in Lines(original).Where(IsPhysicalReplication))
        {
            closed.Append(line.TrimEnd('\n')).Append('\n');
        }

        return closed.Append(End).Append('\n').Append(string.Concat(Lines(original).Select(line => Kept + line))).ToString();
    }

    private static string Replicas => string.Create(null, $"""
        # Replicas that an upgrade by statefuldeploy has made follow by these.
        host replication {PostgresAccess.ReplicationRole} 0.0.0.0/0 scram-sha-256
        host replication {PostgresAccess.ReplicationRole} ::/0 scram-sha-256

        """);

    private static string Control => string.Create(null, $"""
        local all {PostgresAccess.ControlRole} scram-sha-256
        host all {PostgresAccess.ControlRole} 0.0.0.0/0 scram-sha-256
        host all {PostgresAccess.ControlRole} ::/0 scram-sha-256
        host replication {PostgresAccess.ControlRole} 0.0.0.0/0 scram-sha-256
        host replication {PostgresAccess.ControlRole} ::/0 scram-sha-256

        """);

    private static bool IsPhysicalReplication(string line) =>
        line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var kind, "replication", ..] && !kind.StartsWith('#');

    private static IEnumerable<string> Lines(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            int next = text.IndexOf('\n', at) is >= 0 and var found ? found + 1 : text.Length;
            yield return text[at..next];
            at = next;
        }
    }
}
