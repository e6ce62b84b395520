namespace StatefulDeploy.Model;

/// <summary>Which of the two clusters of an upgrade: <see cref="Blue"/> runs the old version, <see cref="Green"/> the new one.</summary>
public enum ClusterColour
{
    /// <summary>V1: the cluster that served clients when the upgrade was planned.</summary>
    Blue,

    /// <summary>V2: the cluster that the upgrade brings up.</summary>
    Green,
}
