using System.Text.Json.Nodes;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>Where the simulator may differ from a recording, and why: a part of the one exceptions file.</summary>
internal sealed class RecordingExceptions
{
    private readonly JsonArray _answers;

    private RecordingExceptions(JsonNode section)
    {
        Headers = [.. section["headers"]!.AsObject().Select(pair => pair.Key)];
        _answers = section["answers"]!.AsArray();
    }

    /// <summary>Headers that are not compared.</summary>
    public IReadOnlyList<string> Headers { get; }

    public static RecordingExceptions Read() => new(ExceptionsFile.Section("x-recordings"));

    /// <summary>The differences of one answer that are known.</summary>
    public IEnumerable<string> Answers(string recording, int index) => _answers
        .Where(answer => answer!["recording"]!.GetValue<string>() == recording && answer["index"]!.GetValue<int>() == index)
        .SelectMany(answer => answer!["differences"]!.AsArray().Select(difference => difference!.GetValue<string>()));
}
