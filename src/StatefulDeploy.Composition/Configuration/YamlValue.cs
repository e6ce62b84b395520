using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using YamlDotNet.RepresentationModel;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>One value of a service file that knows where it stands, so that whatever is wrong with it can be said with file, line and key.</summary>
internal sealed class YamlValue(YamlNode node, string file, string key)
{
    /// <summary>Where it stands.</summary>
    public YamlPlace Place { get; } = new(file, node.Start.Line, key);

    /// <summary>A text that is not empty.</summary>
    public string Text()
    {
        if (node is not YamlScalarNode { Value: { } text } scalar)
            throw WrongType("a text");
        if (string.IsNullOrWhiteSpace(text) || (scalar.Style == YamlDotNet.Core.ScalarStyle.Plain && text is "null" or "~"))
            throw Place.Error("EmptyValue", "The value is empty.", "Give a value, or leave the key out for its default.");
        return text;
    }

    /// <summary>true or false.</summary>
    public bool Flag() => Text() switch
    {
        "true" => true,
        "false" => false,
        var text => throw Wrong(text, "true or false"),
    };

    /// <summary>A whole number within bounds.</summary>
    public int Number(int minimum, int maximum)
    {
        var text = Text();
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong(text, $"a whole number from {minimum} to {maximum}");
    }

    /// <summary>A factor above zero.</summary>
    public double Ratio()
    {
        var text = Text();
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) && ratio > 0
            ? ratio
            : throw Wrong(text, "a number above 0, such as 1.2");
    }

    /// <summary>A duration of at least a minimum.</summary>
    public TimeSpan Duration(TimeSpan minimum)
    {
        var text = Text();
        if (!Quantity.TryParseDuration(text, out var duration))
            throw Wrong(text, "a duration with the units ms, s, m, h or d, such as 30s, 1m30s or 90d");
        return duration >= minimum ? duration : throw Wrong(text, $"a duration of at least {minimum.TotalMilliseconds:0} ms");
    }

    /// <summary>A number of bytes.</summary>
    public long Bytes()
    {
        var text = Text();
        return Quantity.TryParseBytes(text, out var bytes) ? bytes : throw Wrong(text, "a size in B, KB, MB, GB or TB, such as 1MB");
    }

    /// <summary>host:port.</summary>
    public NodeEndpoint Endpoint()
    {
        var text = Text();
        try
        {
            return NodeEndpoint.Parse(text);
        }
        catch (FormatException exception)
        {
            throw Place.Error("InvalidValue", exception.Message, "Write the endpoint as host:port.", inner: exception);
        }
    }

    /// <summary>A path, made full from the folder of the service file; <c>~/</c> is the user's home.</summary>
    public string FullPath() => ServicePaths.Resolve(Place.File, Text());

    /// <summary>One of some words.</summary>
    public T OneOf<T>(IReadOnlyDictionary<string, T> words)
    {
        var text = Text();
        return words.TryGetValue(text, out var value)
            ? value
            : throw Place.Error("InvalidValue", $"'{text}' is not one of: {string.Join(", ", words.Keys)}.{NearestName.Question(text, words.Keys)}", "Use one of the listed words.");
    }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<YamlValue> Items() => node is YamlSequenceNode list
        ? [.. list.Children.Select((child, index) => new YamlValue(child, file, $"{key}[{index}]"))]
        : throw WrongType("a list");

    /// <summary>A list of texts that is not empty.</summary>
    public IReadOnlyList<string> Texts() => Items() is { Count: > 0 } items
        ? [.. items.Select(item => item.Text())]
        : throw Place.Error("EmptyValue", "The list is empty.", "Give at least one item.");

    /// <summary>The entries of a mapping whose keys are the user's own names.</summary>
    public IReadOnlyList<(string Name, YamlValue Value)> Entries()
    {
        if (node is not YamlMappingNode mapping)
            throw WrongType("a mapping of names to values");
        return [.. mapping.Children.Select(pair => Entry(pair.Key, pair.Value))];
    }

    /// <summary>A mapping of the user's own names to texts.</summary>
    public IReadOnlyDictionary<string, string> TextByName() => Entries().ToDictionary(entry => entry.Name, entry => entry.Value.Text(), StringComparer.Ordinal);

    /// <summary>A mapping with keys of ours.</summary>
    /// <exception cref="UpgradeException">It is no mapping, or has an unknown key.</exception>
    public YamlSection Section(SectionKeys keys)
    {
        if (node is not YamlMappingNode)
            throw WrongType($"a mapping with {string.Join(", ", keys.Keys.Take(4))}{(keys.Keys.Count > 4 ? " …" : string.Empty)}");
        return new YamlSection(Place, keys, Entries());
    }

    /// <summary>The complaint that a text is not what was expected.</summary>
    public UpgradeException Wrong(string text, string expected) => Place.Error("InvalidValue", $"'{text}' is not valid. Expected {expected}.", $"Write {expected}.");

    private (string Name, YamlValue Value) Entry(YamlNode name, YamlNode value)
    {
        if (name is not YamlScalarNode { Value: { Length: > 0 } text })
            throw new YamlValue(name, file, key).WrongType("a name");

        var path = key.Length == 0 ? text : $"{key}.{text}";
        return (text, new YamlValue(value, file, path));
    }

    private UpgradeException WrongType(string expected)
    {
        var found = node switch
        {
            YamlSequenceNode => "a list",
            YamlMappingNode => "a mapping",
            YamlScalarNode { Value: { Length: > 0 } text } => $"the text '{text}'",
            _ => "nothing",
        };
        return Place.Error("WrongType", $"Expected {expected}, found {found}.", $"Write {expected} here.");
    }
}
