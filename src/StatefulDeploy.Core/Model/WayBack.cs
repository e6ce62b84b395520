namespace StatefulDeploy.Model;

/// <summary>How, if at all, a switch can be undone after green was opened.</summary>
/// <param name="Kind">The means.</param>
/// <param name="Explanation">What it can carry, its risks, or why there is none.</param>
public sealed record WayBack(WayBackKind Kind, string Explanation)
{
    /// <summary>Whether a switch back loses nothing.</summary>
    public bool Exists => Kind != WayBackKind.None;
}
