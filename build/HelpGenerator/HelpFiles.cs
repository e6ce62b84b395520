using System.Xml;
using StatefulDeploy.Cmdlets.Commands;

namespace StatefulDeploy.Help;

/// <summary>The help files of a checkout.</summary>
internal static class HelpFiles
{
    /// <summary>The name under which Get-Help looks for the help of the module's assembly.</summary>
    public const string MamlName = "StatefulDeploy.Cmdlets.dll-Help.xml";

    /// <summary>The compiled cmdlets.</summary>
    public static IReadOnlyList<CmdletShape> Cmdlets { get; } = CmdletShape.AllOf(typeof(GetStatefulClusterCommand).Assembly);

    /// <summary>The pages of a folder by the cmdlets' names.</summary>
    public static IReadOnlyDictionary<string, HelpPage> ReadPages(string folder) => Directory.GetFiles(folder, "*-*.md")
        .Select(file => HelpPageReader.Read(File.ReadAllText(file).ReplaceLineEndings("\n")))
        .ToDictionary(page => page.Name, StringComparer.Ordinal);

    /// <summary>The text of the document that is made from a folder's pages.</summary>
    public static string Compose(string folder)
    {
        var document = MamlDocument.Of(Cmdlets, ReadPages(folder));
        using var text = new Utf8StringWriter();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
        {
            document.Save(writer);
        }

        return text + "\n";
    }

    private sealed class Utf8StringWriter : StringWriter
    {
        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;
    }
}
