using System.Management.Automation;
using StatefulDeploy.Cmdlets.Loading;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Completers;

/// <summary>What the completers share: a press of Tab neither fails nor hangs.</summary>
internal static class Completion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The candidates that begin with what was typed, each with an explanation.</summary>
    public static IEnumerable<CompletionResult> Of(string typed, IEnumerable<(string Text, string Explanation)> candidates)
    {
        var start = typed.Trim('\'', '"');
        return candidates
            .Where(candidate => candidate.Text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(candidate => candidate.Text)
            .Select(candidate => new CompletionResult(Quote(candidate.Text), candidate.Text, CompletionResultType.ParameterValue, candidate.Explanation));
    }

    /// <summary>The upgrades of the user's journal folder, or of the one given; none when they cannot be read in time.</summary>
    public static IReadOnlyList<UpgradeSummary> Upgrades(System.Collections.IDictionary bound)
    {
        using var patience = new CancellationTokenSource(Patience);
        return Try(() =>
        {
            var request = new UpgradeRequest { StateDirectory = bound["StateDirectory"] as string };
            var listing = Task.Run(() => Product.Operations.ListUpgradesAsync(request, patience.Token), patience.Token);
            return listing.Wait(Patience) ? listing.Result : [];
        }) ?? [];
    }

    /// <summary>The value, or nothing when it cannot be had: there is nobody to tell while a person types.</summary>
    public static T? Try<T>(Func<T> find)
    {
        try
        {
            return find();
        }
        catch (Exception)
        {
            return default;
        }
    }

    private static string Quote(string text) =>
        text.All(letter => char.IsAsciiLetterOrDigit(letter) || "._-/\\:~".Contains(letter, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
