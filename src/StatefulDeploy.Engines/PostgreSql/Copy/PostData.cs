using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>The part of a schema that is made when the rows are there, in the order in which that can be done.</summary>
/// <param name="Session">What every session says first.</param>
/// <param name="Indexes">Indexes, keys and exclusions: each for itself, so that they can be made at once.</param>
/// <param name="Rest">All that may lean on those, one after the other: the indexes' places in their parents', statistics, triggers, rules, policies.</param>
/// <param name="References">Foreign keys, which look at two tables that must be of one moment, and what is said of constraints.</param>
internal sealed partial record PostData(IReadOnlyList<string> Session, IReadOnlyList<string> Indexes, IReadOnlyList<string> Rest, IReadOnlyList<string> References)
{
    /// <summary>Reads what <c>pg_dump --section=post-data</c> wrote.</summary>
    public static PostData Of(string dump)
    {
        ILookup<char, string> kinds = SqlScript.Split(dump).Where(statement => !OfFreeze().IsMatch(statement)).ToLookup(KindOf);
        return new PostData([.. kinds['s']], [.. kinds['i']], [.. kinds['r']], [.. kinds['f']]);
    }

    /// <summary>By what a statement is known that has been run.</summary>
    public static string KeyOf(string statement) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(statement)));

    private static char KindOf(string statement) =>
        OfSession().IsMatch(statement) ? 's' : IndexMade().IsMatch(statement) ? 'i' : Reference().IsMatch(statement) ? 'f' : 'r';

    [GeneratedRegex(@"^(SET |SELECT pg_catalog\.set_config\()", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfSession();

    // The name of a table or constraint may hold anything but a quote that is not doubled.
    [GeneratedRegex(@"^(CREATE (UNIQUE )?INDEX |ALTER TABLE (ONLY )?(?>((?>""([^""]|"""")*"")|[^ ""])+)\s+ADD CONSTRAINT ((?>""([^""]|"""")*"")|[^ ""]+) (PRIMARY KEY|UNIQUE|EXCLUDE) )", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IndexMade();

    [GeneratedRegex(@"^(ALTER TABLE (ONLY )?(?>((?>""([^""]|"""")*"")|[^ ""])+)\s+ADD CONSTRAINT ((?>""([^""]|"""")*"")|[^ ""]+) FOREIGN KEY |COMMENT ON CONSTRAINT )", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();

    // Our own freeze of the source is no part of its schema.
    [GeneratedRegex(@"^(CREATE|ALTER) EVENT TRIGGER statefuldeploy_(ddl|drop) ", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfFreeze();
}
