using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>How a guard process is started: the arguments of <c>statefuldeploy guard</c>.</summary>
/// <param name="ServiceFile">The service file.</param>
/// <param name="GuardDirectory">The guard's folder; null for the one that the service file names.</param>
public sealed record GuardOptions(string ServiceFile, string? GuardDirectory = null)
{
    /// <summary>The arguments behind <c>guard</c>.</summary>
    public IReadOnlyList<string> Arguments => GuardDirectory is null ? ["--service-file", ServiceFile] : ["--service-file", ServiceFile, "--guard-directory", GuardDirectory];

    /// <summary>Reads the arguments behind <c>guard</c>.</summary>
    /// <exception cref="UpgradeException">One is missing.</exception>
    public static GuardOptions Parse(IReadOnlyList<string> arguments) =>
        new(OwnArguments.Get(arguments, "--service-file"), OwnArguments.Find(arguments, "--guard-directory"));
}
