namespace StatefulDeploy.Model;

/// <summary>The means by which blue follows green after the switch.</summary>
public enum WayBackKind
{
    /// <summary>There is none: the upgrade needs the consent to go one way.</summary>
    None,

    /// <summary>The engine's own replication.</summary>
    Native,

    /// <summary>Our relay, which applies green's stream of changes to an older blue.</summary>
    Relay,
}
