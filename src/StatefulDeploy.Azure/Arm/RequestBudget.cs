using System.Collections.Concurrent;
using System.Globalization;

namespace StatefulDeploy.Azure.Arm;

/// <summary>Counts what a run asks of Resource Manager, and keeps what Azure says is left of each quota.</summary>
internal sealed class RequestBudget
{
    private readonly ConcurrentDictionary<string, int> _requests = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, int> _left = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, int> _leftByClass = new(StringComparer.OrdinalIgnoreCase);
    private long _waitedTicks;
    private int _throttled;

    /// <summary>How many requests were sent, repeated ones too.</summary>
    public int Total => _requests.Values.Sum();

    /// <summary>How many were answered by HTTP 429.</summary>
    public int Throttled => _throttled;

    /// <summary>How long requests waited for quotas.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    /// <summary>How many requests of each class were sent.</summary>
    public IReadOnlyDictionary<string, int> ByClass => _requests;

    /// <summary>Counts one.</summary>
    public void Count(string requestClass) => _requests.AddOrUpdate(requestClass, 1, (_, before) => before + 1);

    /// <summary>Counts one that was refused for the time being.</summary>
    public void CountThrottled() => Interlocked.Increment(ref _throttled);

    /// <summary>Counts time that was waited.</summary>
    public void CountWait(TimeSpan time) => Interlocked.Add(ref _waitedTicks, time.Ticks);

    /// <summary>Keeps what an answer says is left: <c>x-ms-ratelimit-remaining-resource: Microsoft.Compute/HighCostGet;159,…</c> of each policy, and of the subscription.</summary>
    public void Note(string requestClass, string subject, IEnumerable<(string Name, string Value)> headers)
    {
        foreach (var group in headers.SelectMany(Quotas).GroupBy(quota => IsOfResource(quota.Policy)))
        {
            foreach (var (policy, left) in group)
                _left.AddOrUpdate(policy, left, (_, before) => Math.Min(before, left));

            _leftByClass[group.Key ? KeyOf(requestClass, subject) : requestClass] = group.Min(quota => quota.Left);
        }
    }

    /// <summary>How many more requests of a class about a resource Azure said it would take; null when it did not say.</summary>
    public int? LeftFor(string requestClass, string subject)
    {
        int?[] both = [Left(requestClass), Left(KeyOf(requestClass, subject))];
        return both.Min();
    }

    private int? Left(string key) => _leftByClass.TryGetValue(key, out var left) ? left : null;

    // Microsoft.Compute/UpdateVMResource is counted for each machine, the others for the subscription
    // (learn.microsoft.com/azure/virtual-machines/compute-throttling-limits).
    private static bool IsOfResource(string policy) => policy.EndsWith("Resource", StringComparison.Ordinal);

    private static string KeyOf(string requestClass, string subject) => $"{requestClass} {subject}";

    /// <summary>The count for people, in one line.</summary>
    public override string ToString()
    {
        var writes = _requests.Where(pair => !pair.Key.StartsWith("GET ", StringComparison.Ordinal)).Sum(pair => pair.Value);
        var text = string.Create(CultureInfo.InvariantCulture, $"{Total} request(s) to Azure, {writes} of them changes; {Throttled} throttled, {Waited.TotalSeconds:0.#} s waited for quotas");
        var lowest = _left.OrderBy(pair => pair.Value).Take(1).Select(pair => $"; least left: {pair.Value} of {pair.Key}");
        return text + string.Concat(lowest) + ".";
    }

    private static IEnumerable<(string Policy, int Left)> Quotas((string Name, string Value) header)
    {
        const string Prefix = "x-ms-ratelimit-remaining-";
        if (!header.Name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            yield break;

        foreach (var part in header.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (policy, number) = part.LastIndexOf(';') is > 0 and var at ? (part[..at], part[(at + 1)..]) : (header.Name[Prefix.Length..], part);
            if (int.TryParse(number, NumberStyles.Integer, CultureInfo.InvariantCulture, out var left))
                yield return (policy, left);
        }
    }
}
