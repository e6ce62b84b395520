using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>How a guard process is started: the arguments of <c>statefuldeploy guard</c>.</summary>
/// <param name="ServiceFile">The service file; where <paramref name="Here"/> is given, the document that was sent in its place.</param>
/// <param name="GuardDirectory">The guard's folder; null for the one that the service file names.</param>
/// <param name="Here">What this machine is called in the service file, when the upgrade is run on another one; null when it is run here.</param>
/// <param name="Mode">What the process is.</param>
public sealed record GuardOptions(string ServiceFile, string? GuardDirectory = null, string? Here = null, GuardMode Mode = GuardMode.Guard)
{
    /// <summary>One that says which version it is.</summary>
    public static GuardOptions About { get; } = new(string.Empty, Mode: GuardMode.About);

    /// <summary>The arguments behind <c>guard</c>.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        "--service-file", ServiceFile,
        .. GuardDirectory is null ? Array.Empty<string>() : ["--guard-directory", GuardDirectory],
        .. Here is null ? Array.Empty<string>() : ["--here", Here],
        .. Mode == GuardMode.Guard ? Array.Empty<string>() : ["--mode", Mode.ToString()],
    ];

    /// <summary>Reads the arguments behind <c>guard</c>.</summary>
    /// <exception cref="UpgradeException">One is missing.</exception>
    public static GuardOptions Parse(IReadOnlyList<string> arguments) => new(
        OwnArguments.Get(arguments, "--service-file"),
        OwnArguments.Find(arguments, "--guard-directory"),
        OwnArguments.Find(arguments, "--here"),
        OwnArguments.Find(arguments, "--mode") is { } mode && Enum.TryParse<GuardMode>(mode, out var known) ? known : GuardMode.Guard);
}
