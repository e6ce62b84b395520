using System.Text.Json;

namespace StatefulDeploy.Benchmarks.Results;

/// <summary>JSON lines, a file a benchmark.</summary>
public sealed class ResultStore(string folder)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public void Add(ResultLine line)
    {
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, line.Benchmark + ".json"), JsonSerializer.Serialize(line, Format) + "\n");
    }

    /// <summary>The newest line of each benchmark and parameters.</summary>
    public IReadOnlyList<ResultLine> ReadAll()
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles(folder, "*.json")
            .Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines)
            .Select(line => JsonSerializer.Deserialize<ResultLine>(line, Format)!)
            .GroupBy(line => (line.Benchmark, Key: string.Join(';', line.Parameters.Select(pair => $"{pair.Key}={pair.Value}"))))
            .Select(same => same.MaxBy(line => line.At)!)];
    }
}
