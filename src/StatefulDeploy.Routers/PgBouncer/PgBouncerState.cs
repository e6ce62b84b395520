namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>What PgBouncer itself does not keep, in a file beside its configuration.</summary>
/// <param name="Epoch">The highest epoch that has changed it.</param>
/// <param name="Holding">Whether it was told to hold and not yet to go on.</param>
internal sealed record PgBouncerState(long Epoch, bool Holding);
