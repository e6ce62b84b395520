namespace StatefulDeploy.Model;

/// <summary>What a finding means for the upgrade.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing.</summary>
    Info,

    /// <summary>A risk that the operator takes by going on.</summary>
    Warning,

    /// <summary>The upgrade is refused; nothing has been touched.</summary>
    Refuse,
}
