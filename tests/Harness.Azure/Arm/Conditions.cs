namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>If-Match and If-None-Match.</summary>
internal static class Conditions
{
    /// <summary>Holds a request to its conditions.</summary>
    /// <param name="request">The request.</param>
    /// <param name="etag">The resource's ETag; null when there is no resource.</param>
    /// <param name="mismatch">The error of a provider when they do not hold, for what was asked for.</param>
    public static void Check(ArmRequest request, string? etag, Func<string, ArmException> mismatch)
    {
        if (request.Headers.GetValueOrDefault("If-None-Match") == "*" && etag is not null)
        {
            throw new ArmException(412, "PreconditionFailed", "The resource already exists, and the request has If-None-Match.");
        }

        if (request.Headers.GetValueOrDefault("If-Match") is { Length: > 0 } wanted && wanted != "*" && Plain(wanted) != Plain(etag))
        {
            throw mismatch(wanted);
        }
    }

    private static string? Plain(string? etag) => etag?.Replace("W/", string.Empty, StringComparison.Ordinal).Trim('"');
}
