namespace StatefulDeploy.Engines.Garnet;

/// <summary>As whom we connect.</summary>
internal enum GarnetAccount
{
    /// <summary>The administrator that the service file names.</summary>
    Admin,

    /// <summary>Our own user, which the fence leaves out.</summary>
    Control,

    /// <summary>An ordinary client, as the service file names it.</summary>
    Client,
}
