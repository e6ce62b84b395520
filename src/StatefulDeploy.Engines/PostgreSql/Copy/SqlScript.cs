namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>The statements of a script that <c>pg_dump</c> wrote, told apart by PostgreSQL's lexical rules ("Lexical Structure" in its documentation).</summary>
internal static class SqlScript
{
    /// <summary>Splits it. Comments between statements and the commands of psql, a backslash at the beginning of a line, are left out.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        List<string> statements = [];
        int at = 0;
        while (SkipBetween(text, at) is var begin && begin < text.Length)
        {
            at = EndOf(text, begin);
            statements.Add(text[begin..at].TrimEnd());
        }

        return statements;
    }

    private static int SkipBetween(string text, int at)
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]) || text[at] == ';')
            {
                at++;
            }
            else if (text[at] == '\\' || IsAt(text, at, "--"))
            {
                at = EndOfLine(text, at);
            }
            else if (IsAt(text, at, "/*"))
            {
                at = EndOfComment(text, at);
            }
            else
            {
                return at;
            }
        }

        return at;
    }

    // The place after the semicolon that ends a statement: one outside of quotes, comments and parentheses.
    private static int EndOf(string text, int at)
    {
        for (int depth = 0; at < text.Length;)
        {
            char here = text[at];
            if (here == ';' && depth == 0)
            {
                return at + 1;
            }

            depth += here == '(' ? 1 : here == ')' ? -1 : 0;
            at = here switch
            {
                '\'' => EndOfQuoted(text, at, hasEscapes: at > 0 && text[at - 1] is 'E' or 'e' && (at < 2 || !IsOfName(text[at - 2]))),
                '"' => EndOfQuoted(text, at, hasEscapes: false),
                '$' => EndOfDollar(text, at),
                '-' when IsAt(text, at, "--") => EndOfLine(text, at),
                '/' when IsAt(text, at, "/*") => EndOfComment(text, at),
                _ => at + 1,
            };
        }

        return at;
    }

    private static int EndOfQuoted(string text, int at, bool hasEscapes)
    {
        char quote = text[at];
        for (at++; at < text.Length; at++)
        {
            if (text[at] == quote && (at + 1 == text.Length || text[at + 1] != quote))
            {
                return at + 1;
            }

            // A doubled quote, or what a backslash stands before, is one of the text's own letters.
            at += text[at] == quote || (hasEscapes && text[at] == '\\') ? 1 : 0;
        }

        return text.Length;
    }

    private static int EndOfDollar(string text, int at)
    {
        int end = at + 1;
        while (end < text.Length && IsOfName(text[end]))
        {
            end++;
        }

        // A dollar within a name, or before a digit, begins nothing.
        if (end >= text.Length || text[end] != '$' || char.IsAsciiDigit(text[at + 1]) || (at > 0 && IsOfName(text[at - 1])))
        {
            return at + 1;
        }

        string tag = text[at..(end + 1)];
        int close = text.IndexOf(tag, end + 1, StringComparison.Ordinal);
        return close < 0 ? text.Length : close + tag.Length;
    }

    private static int EndOfComment(string text, int at)
    {
        int depth = 0;
        do
        {
            int step = IsAt(text, at, "/*") ? 1 : IsAt(text, at, "*/") ? -1 : 0;
            depth += step;
            at += step == 0 ? 1 : 2;
        }
        while (depth > 0 && at < text.Length);
        return at;
    }

    private static int EndOfLine(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end + 1 : text.Length;

    private static bool IsAt(string text, int at, string what) => string.CompareOrdinal(text, at, what, 0, what.Length) == 0;

    private static bool IsOfName(char letter) => char.IsLetterOrDigit(letter) || letter == '_' || letter > '\x7f';
}
