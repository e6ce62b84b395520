using System.Text;

namespace StatefulDeploy.Help;

/// <summary>
/// Reads the Markdown of a cmdlet's help: a title, a synopsis, and the chapters Description, Parameters, Examples, Inputs, Outputs,
/// Notes and Links. Headings of the third level divide a chapter, blank lines its paragraphs; code stands in fences.
/// </summary>
internal static class HelpPageReader
{
    private const string Fence = "```";
    private static readonly string[] Chapters = ["Description", "Parameters", "Examples", "Inputs", "Outputs", "Notes", "Links"];

    /// <summary>Reads a page.</summary>
    /// <exception cref="FormatException">A chapter is missing or unknown.</exception>
    public static HelpPage Read(string markdown)
    {
        var title = Divide(markdown, "# ");
        var page = title.Parts.Single();
        var chapters = Divide(page.Body, "## ");
        var found = chapters.Parts.ToDictionary(part => part.Title, part => part.Body, StringComparer.Ordinal);
        if (!found.Keys.Order(StringComparer.Ordinal).SequenceEqual(Chapters.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            throw new FormatException($"{page.Title} has the chapters {string.Join(", ", found.Keys)}. Expected {string.Join(", ", Chapters)}.");
        }

        return new HelpPage(
            page.Title,
            string.Join(' ', Section(page.Title, chapters.Head).Paragraphs),
            Section("Description", found["Description"]).Paragraphs,
            Sections(found["Parameters"]).ToDictionary(section => section.Title, section => section.Paragraphs, StringComparer.Ordinal),
            [.. Sections(found["Examples"]).Select(section => new HelpExample(section.Title, string.Join('\n', section.Code), section.Paragraphs))],
            Sections(found["Inputs"]),
            Sections(found["Outputs"]),
            Section("Notes", found["Notes"]).Paragraphs,
            [.. found["Links"].Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..].Trim())]);
    }

    private static List<HelpSection> Sections(string body) => Divide(body, "### ").Parts.Select(part => Section(part.Title, part.Body)).ToList();

    private static HelpSection Section(string title, string body)
    {
        var paragraphs = new List<string>();
        var code = new List<string>();
        var paragraph = new StringBuilder();
        var isCode = false;
        foreach (var line in body.Split('\n').Append(string.Empty))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (isCode)
            {
                code.Add(line);
            }
            else if (line.Length > 0 && !line.StartsWith("- ", StringComparison.Ordinal))
            {
                paragraph.Append(paragraph.Length > 0 ? " " : "").Append(line.Trim());
            }
            else
            {
                Flush(paragraph, paragraphs);
                paragraph.Append(line);
            }
        }

        return new HelpSection(title, paragraphs, code);
    }

    private static void Flush(StringBuilder paragraph, List<string> paragraphs)
    {
        if (paragraph.Length > 0)
        {
            paragraphs.Add(Plain(paragraph.ToString()));
            paragraph.Clear();
        }
    }

    // Help is read in a console: emphasis marks would only disturb.
    private static string Plain(string text) => text.Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);

    private static (string Head, List<(string Title, string Body)> Parts) Divide(string text, string mark)
    {
        var head = new StringBuilder();
        var parts = new List<(string Title, StringBuilder Body)>();
        var isCode = false;
        foreach (var line in text.Split('\n'))
        {
            isCode ^= line.StartsWith(Fence, StringComparison.Ordinal);
            if (!isCode && line.StartsWith(mark, StringComparison.Ordinal))
            {
                parts.Add((line[mark.Length..].Trim(), new StringBuilder()));
            }
            else
            {
                (parts.Count == 0 ? head : parts[^1].Body).Append(line).Append('\n');
            }
        }

        return (head.ToString(), parts.Select(part => (part.Title, part.Body.ToString())).ToList());
    }
}
