using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Verification;

/// <summary>Copies that nothing stands behind, and what was asked of them.</summary>
internal sealed class FakeCopies : IDisposableCopy
{
    public List<string> Asked { get; } = [];

    public bool Fails { get; init; }

    public bool IsNeededToRead { get; init; }

    public Task<ClusterLayout> MakeAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        Asked.Add($"make {name} of {of.Colour}");
        return Fails
            ? throw new UpgradeException("NoMemory", "There is no memory for a copy.", "Free some.", FailureCategory.Capacity)
            : Task.FromResult(Scene.Layout(of.Colour, of.Version, of.Writer.Endpoint.Port + 1000));
    }

    public Task RemoveAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        Asked.Add($"remove {name} of {of.Colour}");
        return Task.CompletedTask;
    }
}
