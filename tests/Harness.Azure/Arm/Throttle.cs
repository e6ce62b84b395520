using Microsoft.Extensions.Primitives;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>Counts requests against the limits, tells what is left of them, and refuses what is beyond.</summary>
/// <param name="policies">The limits.</param>
/// <param name="time">The clock.</param>
internal sealed class Throttle(IReadOnlyList<ThrottlePolicy> policies, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, string Resource), (double Tokens, long At)> _buckets = [];

    /// <summary>Takes a request.</summary>
    /// <returns>The headers that tell what is left.</returns>
    /// <exception cref="ArmException">429: it is beyond a limit.</exception>
    public IReadOnlyList<KeyValuePair<string, StringValues>> Take(ArmRequest request)
    {
        var left = policies.Where(policy => policy.Counts(request)).Select(policy => (policy, Left: Take(policy, request))).ToList();
        if (left.FirstOrDefault(one => one.Left < 0) is { policy: { } beyond })
        {
            throw TooMany(beyond.Name, (int)Math.Ceiling(60.0 / beyond.PerMinute));
        }

        var ofResources = left.Where(one => !one.policy.OfSubscription).Select(one => FormattableString.Invariant($"{one.policy.Name};{one.Left}")).ToArray();
        var headers = left.Where(one => one.policy.OfSubscription).Select(one => KeyValuePair.Create(one.policy.Name, new StringValues(FormattableString.Invariant($"{one.Left}"))));
        return ofResources.Length == 0 ? [.. headers] : [.. headers, KeyValuePair.Create(ThrottlePolicy.ResourceHeader, new StringValues(ofResources))];
    }

    /// <summary>The refusal of a request too many.</summary>
    /// <param name="policy">The limit.</param>
    /// <param name="seconds">After how many seconds to ask again.</param>
    public static ArmException TooMany(string policy, int seconds) => new(429, "TooManyRequests", $"The request is being throttled as the limit has been reached for operation type - {policy}.")
    {
        Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = FormattableString.Invariant($"{seconds}") },
    };

    // What is left after this one; below zero when there was none.
    private int Take(ThrottlePolicy policy, ArmRequest request)
    {
        var key = (policy.Name, policy.PerResource ? request.Target.Id.ToLowerInvariant() : string.Empty);
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var (tokens, at) = _buckets.GetValueOrDefault(key, (policy.Capacity, now));
            tokens = Math.Min(policy.Capacity, tokens + (time.GetElapsedTime(at, now).TotalMinutes * policy.PerMinute));
            if (tokens >= 1)
            {
                tokens--;
                _buckets[key] = (tokens, now);
                return (int)tokens;
            }

            _buckets[key] = (tokens, now);
            return -1;
        }
    }
}
