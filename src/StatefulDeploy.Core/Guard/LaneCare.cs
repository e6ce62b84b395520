namespace StatefulDeploy.Guard;

/// <summary>What an act does about bytes of earlier ones that may still be on their way to its node.</summary>
internal enum LaneCare
{
    /// <summary>They are revoked first; if that cannot be done, neither is the act.</summary>
    Revoke,

    /// <summary>They are revoked first if the node can be reached.</summary>
    TryRevoke,

    /// <summary>They do not matter to it, nor do its own to later ones.</summary>
    None,
}
