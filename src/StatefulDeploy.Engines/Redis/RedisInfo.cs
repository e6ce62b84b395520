using System.Globalization;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The answer to <c>INFO</c>: names and values.</summary>
internal sealed class RedisInfo
{
    private readonly Dictionary<string, string> _values;

    private RedisInfo(Dictionary<string, string> values)
    {
        _values = values;
    }

    /// <summary>The value of a name.</summary>
    /// <exception cref="KeyNotFoundException">The server did not tell it.</exception>
    public string this[string name] => Find(name) ?? throw new KeyNotFoundException($"INFO has no '{name}'.");

    /// <summary>Reads the lines <c>name:value</c>.</summary>
    public static RedisInfo Parse(string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && line[0] != '#')
            {
                values[line[..colon].ToString()] = line[(colon + 1)..].ToString();
            }
        }

        return new RedisInfo(values);
    }

    /// <summary>The value of a name; null when the server did not tell it.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>The number of a name; 0 when the server did not tell it.</summary>
    public long Number(string name) =>
        long.TryParse(Find(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : 0;

    /// <summary>The replicas that a primary lists, as the fields <c>ip</c>, <c>port</c>, <c>state</c>, <c>offset</c> and <c>lag</c>.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Replicas()
    {
        List<IReadOnlyDictionary<string, string>> replicas = [];
        while (Find($"slave{replicas.Count}") is { } line)
        {
            replicas.Add(line.Split(',').Select(part => part.Split('=', 2)).Where(part => part.Length == 2)
                .ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal));
        }

        return replicas;
    }
}
