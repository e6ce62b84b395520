using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Reporting;

/// <summary>Writes a report as a page for people, as a document for programs, or both.</summary>
public static class ReportWriter
{
    private static readonly JsonSerializerOptions Indented = new(ModelJson.Options)
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = false,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutRepetitions } },
    };

    /// <summary>Writes the files; folders are made.</summary>
    /// <param name="report">What to write.</param>
    /// <param name="htmlPath">Where the page goes; null for none.</param>
    /// <param name="jsonPath">Where the document goes; null for none.</param>
    /// <exception cref="UpgradeException">A file cannot be written.</exception>
    public static void Write(RunReport report, string? htmlPath, string? jsonPath)
    {
        if (htmlPath is not null)
            WriteFile(htmlPath, ReportPage.Render(report));
        if (jsonPath is not null)
            WriteFile(jsonPath, Json(report));
    }

    /// <summary>The document.</summary>
    public static string Json(RunReport report) => JsonSerializer.Serialize(report, Indented);

    // A layout's derived properties repeat its nodes.
    private static void LeaveOutRepetitions(JsonTypeInfo type)
    {
        if (type.Type != typeof(ClusterLayout) && type.Type != typeof(Shard))
            return;
        foreach (var derived in type.Properties.Where(property => property.Set is null).ToList())
            type.Properties.Remove(derived);
    }

    private static void WriteFile(string path, string content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException("ReportNotWritten", $"The report cannot be written to '{path}': {exception.Message}", "Name a path in a folder that you may write to.", FailureCategory.OperationFailed, exception) { Target = path };
        }
    }
}
