using StatefulDeploy.Contracts;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>A mapping with keys of ours: asks for known keys only, and has refused all others.</summary>
internal sealed class YamlSection
{
    private readonly SectionKeys _keys;
    private readonly Dictionary<string, YamlValue> _values;

    public YamlSection(YamlPlace place, SectionKeys keys, IReadOnlyList<(string Name, YamlValue Value)> entries)
    {
        Place = place;
        _keys = keys;
        _values = entries.ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal);
        if (entries.FirstOrDefault(entry => !keys.Keys.Contains(entry.Name, StringComparer.Ordinal)) is { Value: not null } unknown)
            throw UnknownKey(unknown.Name, unknown.Value);
    }

    /// <summary>Where it stands.</summary>
    public YamlPlace Place { get; }

    /// <summary>The value of a key; null when the key is not there.</summary>
    public YamlValue? this[string key] => _keys.Keys.Contains(key, StringComparer.Ordinal)
        ? _values.GetValueOrDefault(key)
        : throw new ArgumentException($"'{key}' is not among the keys of '{_keys.Name}'.", nameof(key));

    /// <summary>The value of a key that must be there.</summary>
    public YamlValue Required(string key) => this[key] ?? throw MissingKey(key);

    /// <summary>The complaint that a key is missing; <paramref name="key"/> may name alternatives.</summary>
    public UpgradeException MissingKey(string key) => Place.Error("MissingKey", $"The key '{key}' is missing.", $"Add '{key}'.");

    /// <summary>Refuses keys that exclude each other.</summary>
    public void AtMostOneOf(string first, string second)
    {
        if (this[first] is not null && this[second] is { } other)
            throw other.Place.Error("ConflictingKeys", $"'{first}' and '{second}' exclude each other.", $"Remove '{first}' or '{second}'.");
    }

    private UpgradeException UnknownKey(string name, YamlValue value)
    {
        // The one unknown key that everybody tries.
        if (_keys == SectionKeys.Credential && name is "password")
            return value.Place.Error("UnknownKey", "A service file holds no password.", "Name the place of the password with 'passwordFile' or 'passwordEnv'.");

        return value.Place.Error("UnknownKey", $"There is no key '{name}' in {_keys.Name}.{NearestName.Question(name, _keys.Keys)}", $"Use one of: {string.Join(", ", _keys.Keys)}.");
    }
}
