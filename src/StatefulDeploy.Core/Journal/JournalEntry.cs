using System.Text.Json.Serialization;

namespace StatefulDeploy.Journal;

/// <summary>One line of a journal. Contains no secret.</summary>
public sealed record JournalEntry
{
    /// <summary>The version of the schema that this product writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The version of the schema.</summary>
    [JsonPropertyName("v"), JsonPropertyOrder(0)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>When it was written, by the clock of the machine that wrote it.</summary>
    [JsonPropertyName("time"), JsonPropertyOrder(1)]
    public DateTimeOffset Time { get; init; }

    /// <summary>The epoch of the lease under which it was written; 0 before there was one.</summary>
    [JsonPropertyName("epoch"), JsonPropertyOrder(2)]
    public long Epoch { get; init; }

    /// <summary>What it records.</summary>
    [JsonPropertyName("kind"), JsonPropertyOrder(3)]
    public JournalKind Kind { get; init; }

    /// <summary>The step, stretch, fact or sample that it is about; null when none.</summary>
    [JsonPropertyName("name"), JsonPropertyOrder(4)]
    public string? Name { get; init; }

    /// <summary>Whether it belongs to the way back, from green to blue.</summary>
    [JsonPropertyName("back"), JsonPropertyOrder(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Back { get; init; }

    /// <summary>A text for people; empty when there is nothing to say.</summary>
    [JsonPropertyName("text"), JsonPropertyOrder(6), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Values by name; structured ones as JSON.</summary>
    [JsonPropertyName("data"), JsonPropertyOrder(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Data { get; init; }
}
