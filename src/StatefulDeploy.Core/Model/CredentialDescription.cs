namespace StatefulDeploy.Model;

/// <summary>An account, and where its password is found: at most one of the three places is set.</summary>
/// <param name="User">The user name; null for the engine's default user.</param>
/// <param name="PasswordFile">A file whose first line is the password.</param>
/// <param name="PasswordEnvironmentVariable">An environment variable that holds the password.</param>
public sealed record CredentialDescription(string? User, string? PasswordFile, string? PasswordEnvironmentVariable);
