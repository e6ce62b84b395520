namespace StatefulDeploy.Contracts;

/// <summary>The hosts of a service by name.</summary>
public interface IHostDirectory
{
    /// <summary>The host of that name.</summary>
    /// <exception cref="UpgradeException">No host of that name is described.</exception>
    IHost this[string name] { get; }
}
