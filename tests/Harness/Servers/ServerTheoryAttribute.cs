using Xunit;

namespace StatefulDeploy.Harness.Servers;

/// <summary>A theory on real servers; see <see cref="ServerFactAttribute"/>. Rows that need servers of their own: <see cref="ServerDataAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ServerTheoryAttribute : TheoryAttribute
{
    private bool _full;

    /// <param name="servers">The servers that every row needs.</param>
    public ServerTheoryAttribute(params string[] servers)
    {
        Servers = servers;
        Skip = ServerCatalog.WhyMissing(servers);
    }

    /// <summary>The servers that every row needs.</summary>
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
