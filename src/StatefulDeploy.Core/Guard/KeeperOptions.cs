using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>How a keeper process is started: the arguments of <c>statefuldeploy keeper</c>.</summary>
/// <param name="ServiceFile">The service file.</param>
/// <param name="StateDirectory">The place of the journals: a folder, or the address of a shared one.</param>
/// <param name="UpgradeId">The upgrade that it keeps.</param>
public sealed record KeeperOptions(string ServiceFile, string StateDirectory, string UpgradeId)
{
    /// <summary>The arguments behind <c>keeper</c>.</summary>
    public IReadOnlyList<string> Arguments => ["--service-file", ServiceFile, "--state-directory", StateDirectory, "--upgrade", UpgradeId];

    /// <summary>Reads the arguments behind <c>keeper</c>.</summary>
    /// <exception cref="UpgradeException">One is missing.</exception>
    public static KeeperOptions Parse(IReadOnlyList<string> arguments) =>
        new(OwnArguments.Get(arguments, "--service-file"), OwnArguments.Get(arguments, "--state-directory"), OwnArguments.Get(arguments, "--upgrade"));
}
