using StatefulDeploy.Harness;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>One way to move clients from one server to another, ours or a peer's.</summary>
public interface ISwitch
{
    string Name { get; }

    string Title { get; }

    /// <summary>The servers it needs, by their names in the catalog.</summary>
    IReadOnlyList<string> Servers { get; }

    /// <summary>Starts two servers, the one following the other, and what clients connect to.</summary>
    /// <param name="bed">What ends everything afterwards.</param>
    Task<IPreparedSwitch> PrepareAsync(TestBed bed);
}
