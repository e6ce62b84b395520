using System.Globalization;
using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Redis;

/// <summary>A version of Redis or Valkey, and which snapshots (RDB) it writes and reads: that decides who can follow whom.</summary>
internal sealed partial record RedisVersion(RedisFamily Family, int Major, int Minor, int Patch)
{
    /// <summary>The snapshot version of each minor version, from RDB_VERSION in each release's src/rdb.h. 7.0, 8.0 and Valkey 8.1 are also read off real DUMP payloads in the tests.</summary>
    private static readonly (RedisFamily Family, int Major, int Minor, int Rdb)[] Known =
    [
        (RedisFamily.Redis, 7, 0, 10),
        (RedisFamily.Redis, 7, 2, 11),
        (RedisFamily.Redis, 7, 4, 12),
        (RedisFamily.Redis, 8, 0, 12),
        (RedisFamily.Redis, 8, 2, 12),
        (RedisFamily.Redis, 8, 4, 12),
        (RedisFamily.Valkey, 7, 2, 11),
        (RedisFamily.Valkey, 8, 0, 11),
        (RedisFamily.Valkey, 8, 1, 11),
    ];

    /// <summary>The versions that can be upgraded from and to, for messages.</summary>
    public static string KnownNames => string.Join(", ", Known.Select(known => $"{known.Family} {known.Major}.{known.Minor}"));

    /// <summary>The version of the snapshots that it writes; null when this version is not known to us.</summary>
    public int? RdbVersion => Known.FirstOrDefault(known => (known.Family, known.Major, known.Minor) == (Family, Major, Minor)) is { Rdb: > 0 } found ? found.Rdb : null;

    /// <summary>Reads <c>7.0</c>, <c>8.0.2</c>, <c>valkey-8.1</c> or <c>redis 8.0</c>.</summary>
    /// <param name="text">The version as a person or a server writes it.</param>
    /// <param name="family">What it is when the text does not say.</param>
    /// <exception cref="UpgradeException">The text is no version.</exception>
    public static RedisVersion Parse(string text, RedisFamily family)
    {
        Match match = Pattern().Match(text.Trim());
        if (!match.Success)
        {
            throw new UpgradeException("UnknownVersion", $"'{text}' is no version of Redis or Valkey.", $"Use one of: {KnownNames}.", FailureCategory.InvalidInput) { Target = text };
        }

        string name = match.Groups["family"].Value;
        return new RedisVersion(
            name.Length == 0 ? family : Enum.Parse<RedisFamily>(name, ignoreCase: true),
            Number(match, "major"), Number(match, "minor"), Number(match, "patch"));
    }

    /// <summary>Reads the answer to <c>INFO server</c>. Valkey calls itself Redis 7.2.4 there and tells its own version beside it.</summary>
    public static RedisVersion Of(RedisInfo server) =>
        server.Find("valkey_version") is { } valkey ? Parse(valkey, RedisFamily.Valkey) : Parse(server["redis_version"], RedisFamily.Redis);

    /// <summary>Reads what <c>redis-server --version</c> or <c>valkey-server --version</c> prints, such as <c>Redis server v=8.0.2 sha=…</c>; null for anything else.</summary>
    public static RedisVersion? OfProgram(string printed)
    {
        Match match = ProgramPattern().Match(printed);
        return match.Success ? Parse(match.Groups["version"].Value, Enum.Parse<RedisFamily>(match.Groups["family"].Value)) : null;
    }

    /// <summary>Whether this version loads a snapshot that the other one wrote, so that it can follow it natively whatever happens. Valkey reserves 12 to 79 as foreign.</summary>
    public bool CanLoad(RedisVersion writer)
    {
        if (RdbVersion is not { } own || writer.RdbVersion is not { } theirs || theirs > own)
        {
            return false;
        }

        return Family == RedisFamily.Redis || theirs <= 11 || writer.Family == RedisFamily.Valkey;
    }

    /// <summary>Whether this version is older than the other. Across the families the snapshot version decides.</summary>
    public bool IsOlderThan(RedisVersion other) => Family == other.Family
        ? (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch)) < 0
        : (RdbVersion ?? 0) < (other.RdbVersion ?? 0);

    /// <summary>Whether both are of the same family and minor version; patches are not looked at.</summary>
    public bool IsSameMinor(RedisVersion other) => (Family, Major, Minor) == (other.Family, other.Major, other.Minor);

    /// <summary>The family and the version.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Family} {Major}.{Minor}.{Patch}");

    private static int Number(Match match, string group) =>
        match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?:(?<family>redis|valkey)[ \-]?)?v?(?<major>\d{1,4})\.(?<minor>\d{1,4})(?:\.(?<patch>\d{1,4}))?(?:[\-+].*)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^(?<family>Redis|Valkey) server v=(?<version>\d+\.\d+\.\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProgramPattern();
}
