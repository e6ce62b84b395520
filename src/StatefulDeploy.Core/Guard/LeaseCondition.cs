namespace StatefulDeploy.Guard;

/// <summary>How the owner of a lease is, as far as the guard can tell.</summary>
internal enum LeaseCondition
{
    /// <summary>There is no lease.</summary>
    None,

    /// <summary>It was renewed lately, and nothing says that its owner is gone.</summary>
    Live,

    /// <summary>Its owner may still run, but does not renew it: stopped, hung, or cut off.</summary>
    Silent,

    /// <summary>Its owner's process is gone for certain.</summary>
    Dead,
}
