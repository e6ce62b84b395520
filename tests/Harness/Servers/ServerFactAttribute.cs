using Xunit;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A test on real servers. Where one is missing the test is reported as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ServerFactAttribute : FactAttribute
{
    private bool _full;

    /// <param name="servers">The servers it needs, by their names in the <see cref="ServerCatalog"/>.</param>
    public ServerFactAttribute(params string[] servers)
    {
        Servers = servers;
        Skip = ServerCatalog.WhyMissing(servers);
    }

    /// <summary>The servers it needs.</summary>
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
