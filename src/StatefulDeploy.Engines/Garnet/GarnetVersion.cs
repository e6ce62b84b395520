using System.Globalization;
using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A version of the <c>garnet-server</c> tool.</summary>
internal sealed partial record GarnetVersion(int Major, int Minor, int Patch)
{
    /// <summary>The oldest version that was seen to do all that we need: ACL per command, CLIENT UNBLOCK, TAKEOVER, ROLE.</summary>
    public static GarnetVersion Oldest { get; } = new(2, 2, 2);

    /// <summary>The newest version that was tried.</summary>
    public static GarnetVersion Newest { get; } = new(2, 2, 8);

    /// <summary>Reads <c>2.2.8</c>.</summary>
    /// <exception cref="UpgradeException">The text is no version.</exception>
    public static GarnetVersion Parse(string text)
    {
        Match match = Pattern().Match(text.Trim());
        return match.Success
            ? new GarnetVersion(Number(match, "major"), Number(match, "minor"), Number(match, "patch"))
            : throw new UpgradeException("UnknownVersion", $"'{text}' is no version of Garnet. Expected three numbers.", $"Use a version of the garnet-server tool, such as {Oldest} or {Newest}.", FailureCategory.InvalidInput) { Target = text };
    }

    /// <summary>Whether this version is older than the other.</summary>
    public bool IsOlderThan(GarnetVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch)) < 0;

    /// <summary>The three numbers.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<major>\d{1,4})\.(?<minor>\d{1,4})\.(?<patch>\d{1,4})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
