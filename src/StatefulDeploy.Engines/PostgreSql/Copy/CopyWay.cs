namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>How green gets its first rows.</summary>
internal enum CopyWay
{
    /// <summary>Our own parallel copy of rows, from one exported snapshot a database.</summary>
    Logical,

    /// <summary>The copy that the server's subscription makes by itself.</summary>
    Subscription,

    /// <summary>A base backup, recovered to a point of the slots' log, upgraded by <c>pg_upgrade</c>, that follows from that point on.</summary>
    Physical,
}
