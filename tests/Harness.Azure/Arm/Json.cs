using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>Ways into a resource's JSON.</summary>
internal static class Json
{
    /// <summary>What is at a path of names; null when something on the way is missing.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            node = node is JsonObject value ? value[name] : null;
        }

        return node;
    }

    /// <summary>The text at a path of names.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> names) => node.At(names)?.GetValue<string>();

    /// <summary>The whole number at a path of names.</summary>
    public static int? Whole(this JsonNode? node, params ReadOnlySpan<string> names) => node.At(names) is { } value ? (int)double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>The switch at a path of names; off when it is not there.</summary>
    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> names) => node.At(names)?.GetValue<bool>() ?? false;

    /// <summary>The objects of the array at a path of names; none when it is not there.</summary>
    public static IReadOnlyList<JsonObject> Objects(this JsonNode? node, params ReadOnlySpan<string> names) => node.At(names) is JsonArray array ? [.. array.OfType<JsonObject>()] : [];

    /// <summary>The texts of the array at a path of names; none when it is not there.</summary>
    public static IReadOnlyList<string> Texts(this JsonNode? node, params ReadOnlySpan<string> names) => node.At(names) is JsonArray array ? [.. array.Select(one => one!.GetValue<string>())] : [];

    /// <summary>The object under a name, made when it is not there.</summary>
    public static JsonObject Child(this JsonObject node, string name)
    {
        if (node[name] is not JsonObject child)
        {
            node[name] = child = [];
        }

        return child;
    }

    /// <summary>Sets what is not there.</summary>
    public static JsonObject Default(this JsonObject node, string name, JsonNode? value)
    {
        if (value is not null && !node.ContainsKey(name))
        {
            node[name] = value;
        }

        return node;
    }

    /// <summary>A copy of an object.</summary>
    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();

    /// <summary>Puts one object over another: objects are merged, all else replaced, null removes (RFC 7396).</summary>
    public static void Merge(this JsonObject node, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                node.Remove(name);
            }
            else if (value is JsonObject inner && node[name] is JsonObject old)
            {
                old.Merge(inner);
            }
            else
            {
                node[name] = value.DeepClone();
            }
        }
    }

    /// <summary>An array of texts.</summary>
    public static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
