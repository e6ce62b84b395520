namespace StatefulDeploy.Guard;

/// <summary>What a keeper looks at.</summary>
public interface IKeeperWatch
{
    /// <summary>Whether a goal of the upgrade was begun and not ended: neither reached, nor given up, nor undone.</summary>
    bool HasUnfinishedGoal();

    /// <summary>Whether somebody alive works on the service, on this upgrade or another.</summary>
    bool IsOwnerAlive();
}
