using StatefulDeploy.Harness.Servers;
using Xunit;

namespace StatefulDeploy.Harness.Azure;

/// <summary>A theory on the simulator. Where Azure's OpenAPI files or a server it needs are missing it is reported as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzureTheoryAttribute : TheoryAttribute
{
    private bool _full;

    /// <param name="servers">What else it needs, by its name in the <see cref="ServerCatalog"/>.</param>
    public AzureTheoryAttribute(params string[] servers)
    {
        Servers = servers;
        Skip = AzureData.WhyMissing ?? ServerCatalog.WhyMissing(servers);
    }

    /// <summary>What else it needs.</summary>
    public IReadOnlyList<string> Servers { get; }

    /// <summary>Whether it runs only with <c>tests/run.sh --full</c>.</summary>
    public bool Full
    {
        get => _full;
        set
        {
            _full = value;
            Skip ??= value && !ServerCatalog.Full ? "runs with tests/run.sh --full" : null;
        }
    }
}
