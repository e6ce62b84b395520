using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Commands;

/// <summary>The options by which commands say which service and upgrade they mean, and what overrides the service file.</summary>
internal sealed class ServiceOptions
{
    private readonly Argument<string?> _service = new("service") { Description = "The service file, such as orders.yaml, or one of its shards, such as orders.yaml#a." };
    private readonly Option<string?> _id = new("--id") { Description = "The upgrade's id; its newest one when left out.", HelpName = "UPGRADE" };
    private readonly Option<string?> _state = new("--state") { Description = "The folder of journals or the address of a shared one, instead of the service file's.", HelpName = "PLACE" };
    private readonly Option<string?> _to = new("--to") { Description = "The version to upgrade to, instead of the service file's.", HelpName = "VERSION" };
    private readonly Option<UpgradeStrategy?> _strategy = Words("--strategy", "How green gets blue's data.", Strategies);
    private readonly Option<UpgradeStrategy?> _shardStrategy = Words("--shard-strategy", "How green of each shard gets blue's data, of a service that is upgraded shard by shard.", ShardStrategies);
    private readonly Option<int?> _throttle = Count("--throttle-limit", "How many shards are upgraded at the same time.");
    private readonly Option<TimeSpan?> _windowDeadline = Duration("--window-deadline", "After this long with writes closed and nothing decided, blue opens again by itself.");
    private readonly Option<TimeSpan?> _holdLimit = Duration("--hold-limit", "A held request waits no longer than this.");
    private readonly Option<TimeSpan?> _soak = Duration("--soak", "How long green must serve before blue is retired.");
    private readonly Option<TimeSpan?> _catchUp = Duration("--catch-up-deadline", "How long catching up may take.");
    private readonly Option<long?> _lagGate = Bytes("--lag-gate", "The lag under which green counts as caught up.");
    private readonly Option<bool> _outage = new("--allow-outage") { Description = "Accept that nobody serves while the volume of the only node moves, for as long as the plan says." };
    private readonly Option<bool> _oneWay = new("--allow-one-way") { Description = "Accept that there is no way back after the switch." };
    private readonly Option<bool> _loadOnBlue = new("--allow-load-on-blue") { Description = "Let load suites run on live blue to record a baseline." };
    private readonly Option<string?> _skip = new("--skip-verification") { Description = "Skip verification, for this reason; it is recorded.", HelpName = "REASON" };

    /// <summary>The words for strategies; the names that the module has for them are understood as well.</summary>
    public static IReadOnlyDictionary<string, UpgradeStrategy?> Strategies { get; } = new Dictionary<string, UpgradeStrategy?>(StringComparer.Ordinal)
    {
        ["mirror"] = UpgradeStrategy.Mirror,
        ["volume-reuse"] = UpgradeStrategy.VolumeReuse,
        ["shard-by-shard"] = UpgradeStrategy.ShardByShard,
    };

    private static Dictionary<string, UpgradeStrategy?> ShardStrategies { get; } = new(StringComparer.Ordinal)
    {
        ["mirror"] = UpgradeStrategy.Mirror,
        ["volume-reuse"] = UpgradeStrategy.VolumeReuse,
    };

    /// <summary>Adds the service and the journal folder, which every command takes; the service may be left out when an upgrade is named.</summary>
    public ServiceOptions AddService(Command command, bool required)
    {
        _service.Arity = required ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne;
        command.Add(_service);
        command.Add(_state);
        return this;
    }

    /// <summary>Adds the id of an upgrade that exists.</summary>
    public ServiceOptions AddUpgrade(Command command)
    {
        command.Add(_id);
        return this;
    }

    /// <summary>Adds what overrides the service file, and the consents.</summary>
    public ServiceOptions AddOverrides(Command command)
    {
        foreach (Option option in new Option[] { _to, _strategy, _shardStrategy, _throttle, _windowDeadline, _holdLimit, _soak, _lagGate, _catchUp, _oneWay, _outage, _loadOnBlue, _skip })
            command.Add(option);
        return this;
    }

    /// <summary>The request that a command line asks for.</summary>
    public UpgradeRequest Read(ParseResult parsed) => new()
    {
        Path = parsed.GetValue(_service) is { } path ? Path.GetFullPath(path) : null,
        UpgradeId = Value(parsed, _id),
        StateDirectory = JournalPlace.Resolve(Value(parsed, _state), Path.GetFullPath),
        TargetVersion = Value(parsed, _to),
        Strategy = Value(parsed, _strategy),
        ShardStrategy = Value(parsed, _shardStrategy),
        ThrottleLimit = Value(parsed, _throttle),
        WindowDeadline = Value(parsed, _windowDeadline),
        HoldLimit = Value(parsed, _holdLimit),
        Soak = Value(parsed, _soak),
        LagGate = Value(parsed, _lagGate),
        CatchUpDeadline = Value(parsed, _catchUp),
        Consent = new UpgradeConsent
        {
            AllowOneWay = Value(parsed, _oneWay),
            AllowOutage = Value(parsed, _outage),
            AllowLoadOnBlue = Value(parsed, _loadOnBlue),
            SkipVerificationReason = Value(parsed, _skip),
        },
    };

    /// <summary>An option whose value is one of some words.</summary>
    public static Option<T?> Words<T>(string name, string description, IReadOnlyDictionary<string, T?> words) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', words.Keys),
        CustomParser = result => Parse(result, (string text, out T? value) => TryWord(text, words, out value), $"one of {string.Join(", ", words.Keys)}"),
        CompletionSources = { _ => words.Keys.Select(word => new System.CommandLine.Completions.CompletionItem(word)) },
    };

    /// <summary>An option whose value is a duration.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result => Parse<TimeSpan?>(result, TryDuration, "a duration with the units ms, s, m, h or d, such as 30s"),
    };

    private static Option<long?> Bytes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result => Parse<long?>(result, TryBytes, "a size in B, KB, MB, GB or TB, such as 1MB"),
    };

    private static Option<int?> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        CustomParser = result => Parse<int?>(result, TryCount, "a whole number above 0"),
    };

    // VolumeReuse is volume-reuse: who comes from the module need not learn another name.
    private static bool TryWord<T>(string text, IReadOnlyDictionary<string, T?> words, out T? value)
    {
        var word = words.Keys.FirstOrDefault(word => word == text || string.Equals(word.Replace("-", string.Empty, StringComparison.Ordinal), text, StringComparison.OrdinalIgnoreCase));
        value = word is null ? default : words[word];
        return word is not null;
    }

    private static bool TryCount(string text, out int? value)
    {
        var parsed = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0;
        value = count;
        return parsed;
    }

    private static bool TryDuration(string text, out TimeSpan? value)
    {
        var parsed = Quantity.TryParseDuration(text, out var duration);
        value = duration;
        return parsed;
    }

    private static bool TryBytes(string text, out long? value)
    {
        var parsed = Quantity.TryParseBytes(text, out var bytes);
        value = bytes;
        return parsed;
    }

    private static T? Parse<T>(ArgumentResult result, TryParse<T> tryParse, string expected)
    {
        var text = result.Tokens[0].Value;
        if (tryParse(text, out var value))
            return value;
        result.AddError($"'{text}' is not valid for {((OptionResult)result.Parent!).IdentifierToken?.Value}. Expected {expected}.");
        return default;
    }

    // An option that the command does not have was not given.
    private static T? Value<T>(ParseResult parsed, Option<T> option) => parsed.GetResult(option) is null ? default : parsed.GetValue(option);

    private delegate bool TryParse<T>(string text, out T? value);
}
