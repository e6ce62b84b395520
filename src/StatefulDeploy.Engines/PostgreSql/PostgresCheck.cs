using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>One question to a server or database, whose answer is a list of what is in the way.</summary>
/// <param name="Severity">What any answer means for the upgrade.</param>
/// <param name="Code">The finding's code.</param>
/// <param name="Query">Gives the names of what is in the way, as they would be written in a statement.</param>
/// <param name="Says">What it means, after the number of them and before their names.</param>
/// <param name="Remedy">The statement that mends one of them, with <c>{0}</c> for its name; or a remedy for all.</param>
/// <param name="Otherwise">What else can be done.</param>
internal sealed record PostgresCheck(FindingSeverity Severity, string Code, string Query, string Says, string Remedy, string Otherwise = "")
{
    private const int Named = 5;

    /// <summary>The finding, when there is one.</summary>
    public Finding? Judge(IReadOnlyList<string> names, string subject)
    {
        if (names.Count == 0)
        {
            return null;
        }

        string some = string.Join(", ", names.Take(Named)) + (names.Count > Named ? ", …" : string.Empty);
        string mend = Remedy.Contains("{0}", StringComparison.Ordinal)
            ? string.Join(' ', names.Take(Named).Select(name => Remedy.Replace("{0}", name, StringComparison.Ordinal)))
            : Remedy;
        return new Finding(Severity, Code, subject, $"{names.Count} {Says}: {some}.", $"{mend} {Otherwise}".Trim());
    }
}
