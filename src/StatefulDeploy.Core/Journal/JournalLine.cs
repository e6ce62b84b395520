using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StatefulDeploy.Journal;

/// <summary>An entry as a line of JSON that ends with a checksum of what stands before it.</summary>
internal static class JournalLine
{
    private const string SumKey = ",\"sum\":\"";
    private static readonly JsonSerializerOptions Json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static string Format(JournalEntry entry)
    {
        var body = JsonSerializer.Serialize(entry, Json)[..^1];
        return $"{body}{SumKey}{Sum(body)}\"}}\n";
    }

    /// <returns>The entry; null when the line is not whole.</returns>
    internal static JournalEntry? Parse(string line)
    {
        var at = line.LastIndexOf(SumKey, StringComparison.Ordinal);
        if (at < 0 || !line.EndsWith("\"}", StringComparison.Ordinal) || line[(at + SumKey.Length)..^2] != Sum(line[..at]))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(line[..at] + "}", Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>The schema that a line claims, whether or not this version can read it; null when it claims none.</returns>
    internal static int? SchemaOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("v", out var version) && version.TryGetInt32(out var number) ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Sum(string body)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(body));
        return Convert.ToHexString(hash.AsSpan(0, 4)).ToLowerInvariant();
    }
}
