using System.Text.Json;
using System.Text.Json.Serialization;

namespace StatefulDeploy.Model;

/// <summary>How the model is written as JSON, in journals, between processes and for scripts.</summary>
public static class ModelJson
{
    /// <summary>Camel case, enumerations by name, computed properties left out.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A value as JSON.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>A value from JSON.</summary>
    /// <exception cref="JsonException">The text is not of that shape.</exception>
    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("The document is null.");
}
