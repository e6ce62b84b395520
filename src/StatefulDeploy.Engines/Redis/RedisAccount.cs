namespace StatefulDeploy.Engines.Redis;

/// <summary>As whom we connect.</summary>
internal enum RedisAccount
{
    /// <summary>The administrator that the service file names. Fenced like everybody else while a node is closed; reading goes on.</summary>
    Admin,

    /// <summary>Our own user, which the fence leaves out.</summary>
    Control,

    /// <summary>An ordinary client, as the service file names it.</summary>
    Client,
}
