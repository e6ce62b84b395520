namespace StatefulDeploy.Guard;

/// <summary>What a keeper sees.</summary>
/// <param name="Unfinished">Whether a goal of the upgrade was begun and not ended: neither reached, nor given up, nor undone.</param>
/// <param name="OwnerAlive">Whether somebody who is not known to be dead works on the service, on this upgrade or another.</param>
internal readonly record struct KeeperSight(bool Unfinished, bool OwnerAlive);
