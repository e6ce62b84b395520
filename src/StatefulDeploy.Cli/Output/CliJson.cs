using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace StatefulDeploy.Cli.Output;

/// <summary>Documents for scripts: camel case, enumerations by name, durations as hh:mm:ss.fffffff.</summary>
internal static class CliJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutDerived } },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    // Computed properties repeat what is there already, but for verdicts such as Passed.
    private static void LeaveOutDerived(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].Set is null && type.Properties[i].PropertyType != typeof(bool))
                type.Properties.RemoveAt(i);
        }
    }
}
