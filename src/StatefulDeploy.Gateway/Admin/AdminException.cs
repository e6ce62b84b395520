namespace StatefulDeploy.Gateway.Admin;

/// <summary>An admin command that is refused or failed.</summary>
internal sealed class AdminException(string error, string message) : Exception(message)
{
    /// <summary>A stable identifier in Pascal case.</summary>
    public string Error { get; } = error;
}
