using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Passwords by the place that the service file names, and secrets that the product makes itself. Values appear in no journal, log, command line or error.</summary>
public interface ISecrets
{
    /// <summary>The password of an account; null when the account has none.</summary>
    /// <exception cref="UpgradeException">The file or variable is missing or empty.</exception>
    string? Resolve(CredentialDescription? credential);

    /// <summary>A secret of our own by name (such as the control user's password), made at its first use, kept in the guard's folder with mode 0600, the same for every process of this service on this host.</summary>
    string GetOrCreate(string name);
}
