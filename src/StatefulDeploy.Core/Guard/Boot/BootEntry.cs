using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Boot;

/// <summary>What is to be started when the host boots.</summary>
/// <param name="Service">The service.</param>
/// <param name="Folder">The guard's folder, by which the guards of services of one name are told apart.</param>
/// <param name="Command">The command that starts the guard.</param>
internal sealed record BootEntry(string Service, string Folder, HostCommand Command)
{
    /// <summary>A name that no other guard of the host has.</summary>
    public string Name => $"statefuldeploy-guard-{Service}-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Folder)))[..8].ToLowerInvariant()}";

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string> Words => [Command.Program, .. Command.Arguments];

    /// <summary>Where it tells what it does.</summary>
    public string Log => new GuardFolder(Folder).Log;
}
