namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>Something that is not as the published API says.</summary>
/// <param name="Request">The request, as method and path.</param>
/// <param name="Problem">What is wrong with it, or with its answer.</param>
public sealed record Violation(string Request, string Problem)
{
    public override string ToString() => $"{Request}: {Problem}";
}
