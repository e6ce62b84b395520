namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>As whom a connection is made.</summary>
internal enum PostgresAccount
{
    /// <summary>The administrator of the service file.</summary>
    Admin,

    /// <summary>An ordinary client.</summary>
    Client,

    /// <summary>Our own role, which alone is let in while a node is closed.</summary>
    Control,
}
