using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>A theory over cases of the table; those of the full run are named where they are skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FaultTheoryAttribute : TheoryAttribute
{
    private bool _full;

    public FaultTheoryAttribute() => Skip = ServerCatalog.WhyMissing(["redis-7.0", "redis-8.0"]);

    /// <summary>Whether it runs only with <c>tests/run.sh --full</c>.</summary>
    public bool Full
    {
        get => _full;
        set
        {
            _full = value;
            Skip ??= value && !ServerCatalog.Full ? $"runs with tests/run.sh --full: {string.Join("; ", FaultTable.All.Where(fault => !fault.Representative).Select(fault => fault.Id))}" : null;
        }
    }
}
