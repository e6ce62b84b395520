using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>An answer of Azure Resource Manager.</summary>
/// <param name="Status">Its HTTP status.</param>
/// <param name="Body">Its body; null when there is none.</param>
public sealed record ArmAnswer(int Status, JsonNode? Body = null)
{
    /// <summary>Its headers besides those of every answer.</summary>
    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The error as an answer.</summary>
    /// <param name="error">The error.</param>
    public static ArmAnswer Of(ArmException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new ArmAnswer(error.Status, new JsonObject { ["error"] = error.ToJson() }) { Headers = new(error.Headers, StringComparer.OrdinalIgnoreCase) };
    }

    /// <summary>The same with a header.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; null adds none.</param>
    public ArmAnswer With(string name, string? value)
    {
        if (value is not null)
        {
            Headers[name] = value;
        }

        return this;
    }
}
