using System.Globalization;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The answer to <c>INFO</c>: names and values.</summary>
internal sealed class GarnetInfo
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the lines <c>name:value</c>.</summary>
    public GarnetInfo(string text)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && line[0] != '#')
            {
                _values[line[..colon].ToString()] = line[(colon + 1)..].ToString();
            }
        }
    }

    /// <summary>All names.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>The value of a name; empty when the server did not tell it.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, string.Empty);

    /// <summary>The number of a name; 0 when the server did not tell it.</summary>
    public long Number(string name) => long.TryParse(this[name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : 0;

    /// <summary>How many streams to replicas a primary serves, of those that have come up. One to a node that it has forgotten counts, though it does not tell its address.</summary>
    public int LiveStreams => Enumerable.Range(0, _values.Count).Select(number => this[$"slave{number}"]).TakeWhile(line => line.Length > 0).Count(line => line.Contains("state=online", StringComparison.Ordinal));
}
