namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>What a physical copy is at, in this order. Each can be begun again at its beginning.</summary>
internal enum PhysicalStage
{
    /// <summary>The base backup is taken.</summary>
    BackUp,

    /// <summary>It is recovered to the point from which on the slots have everything.</summary>
    Recover,

    /// <summary><c>pg_upgrade</c> makes the newer version's data directory of it.</summary>
    Upgrade,

    /// <summary>That takes the place of the empty one that green runs on.</summary>
    Swap,

    /// <summary>Every database follows from that point on.</summary>
    Attach,
}
