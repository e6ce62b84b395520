using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>A theory over cases of the table.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FaultTheoryAttribute : TheoryAttribute
{
    private bool _full;

    /// <param name="servers">What it takes.</param>
    public FaultTheoryAttribute(params string[] servers) => Skip = ServerCatalog.WhyMissing(servers);

    /// <summary>Whether it runs only with <c>tests/run.sh --full</c>.</summary>
    public bool Full
    {
        get => _full;
        set
        {
            _full = value;
            Skip ??= value && !ServerCatalog.Full ? "runs with tests/run.sh --full; docs/faults*.md name the cases" : null;
        }
    }
}
