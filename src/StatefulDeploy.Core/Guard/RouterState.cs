namespace StatefulDeploy.Guard;

/// <summary>What routers that are not ours do not keep themselves.</summary>
/// <param name="Epoch">The highest epoch that has changed them.</param>
/// <param name="Holding">Whether they were told to hold and not yet to go on.</param>
public sealed record RouterState(long Epoch, bool Holding);
