using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Remote;

/// <summary>Our program on the machine of blue's writer: as it is installed there, or brought there in a folder named for its content, to be run by the .NET runtime of that machine.</summary>
internal sealed class RemoteProgram(HostDescription description, IRemoteHost host, IOwnProgram own, string folder)
{
    private const int LeastRuntime = 8;
    private static readonly string[] Runtimes = ["dotnet", "/usr/bin/dotnet", "/usr/share/dotnet/dotnet", "/usr/lib/dotnet/dotnet", "/usr/local/share/dotnet/dotnet"];
    private static readonly string[] Kinds = [".dll", ".json"];

    private HostCommand? _command;

    /// <summary>The version of this program, as the two ends of a connection compare it.</summary>
    public static string Version { get; } =
        typeof(RemoteProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The command that runs it there with these arguments; it is brought there first if need be.</summary>
    /// <exception cref="UpgradeException">It cannot run there.</exception>
    public async Task<HostCommand> CommandAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var command = _command ??= await BringAsync(cancellationToken);
        return command with { Arguments = [.. command.Arguments, .. arguments] };
    }

    /// <summary>Sees whether it can run there; brings and changes nothing.</summary>
    /// <exception cref="UpgradeException">It cannot.</exception>
    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        if (description.Program is { } installed)
        {
            await ProveVersionAsync(installed, cancellationToken);
            return;
        }

        RequireAssembly();
        await FindRuntimeAsync(cancellationToken);
    }

    private async Task<HostCommand> BringAsync(CancellationToken cancellationToken)
    {
        if (description.Program is { } installed)
        {
            await ProveVersionAsync(installed, cancellationToken);
            return new HostCommand(installed);
        }

        var assembly = RequireAssembly();
        var root = Path.GetDirectoryName(assembly)!;
        var runtime = await FindRuntimeAsync(cancellationToken);
        var files = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Kinds.Contains(Path.GetExtension(file), StringComparer.Ordinal))
            .Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal).ToList();
        var there = Path.Combine(folder, Checksum(root, files));
        await host.CreateFolderAsync(folder, Posix.DurableFile.OwnerOnlyFolder, cancellationToken);
        await host.PutFolderAsync(root, files, there, cancellationToken);
        return new HostCommand(runtime, "exec", Path.Combine(there, Path.GetFileName(assembly)));
    }

    private async Task<string> FindRuntimeAsync(CancellationToken cancellationToken)
    {
        foreach (var candidate in Runtimes)
        {
            try
            {
                var told = await host.RunAsync(new HostCommand(candidate, "--list-runtimes"), cancellationToken);
                if (told.ExitCode == 0 && told.Output.Split('\n').Any(IsSufficient))
                    return candidate;
            }
            catch (UpgradeException error) when (error.ErrorId == "CommandMissing")
            {
                // Not here, then.
            }
        }

        throw new UpgradeException(
            "GuardRuntimeMissing",
            $"On host '{host.Name}', where blue's writer is, there is no .NET runtime of version {LeastRuntime} or later that a session of ssh finds. The guard runs there.",
            $"Install it (dotnet-runtime-{LeastRuntime}.0 or later), or install statefuldeploy and name it as 'program' of host '{host.Name}'.",
            FailureCategory.NotFound) { Target = host.Name };
    }

    // Such as: Microsoft.NETCore.App 8.0.11 [/usr/share/dotnet/shared/Microsoft.NETCore.App]
    private static bool IsSufficient(string line) =>
        line.Split(' ') is ["Microsoft.NETCore.App", var version, ..] && int.TryParse(version.Split('.')[0], out var major) && major >= LeastRuntime;

    private async Task ProveVersionAsync(string installed, CancellationToken cancellationToken)
    {
        var told = await host.RunAsync(new HostCommand(installed, ["guard", .. GuardOptions.About.Arguments]), cancellationToken);
        if (told.ExitCode != 0 || told.Output.Trim() != Version)
        {
            throw new UpgradeException(
                "GuardProgramDiffers",
                $"'{installed}' on host '{host.Name}' is not this version of StatefulDeploy ({Version}): {(told.Output + told.Error).Trim()}",
                $"Install this version there, or leave 'program' of host '{host.Name}' out to have it brought there.",
                FailureCategory.Refused) { Target = installed };
        }
    }

    private string RequireAssembly() => own.Assembly ?? throw new UpgradeException(
        "GuardProgramNotPortable",
        $"The guard runs on host '{host.Name}', and what runs here cannot be brought there.",
        $"Install statefuldeploy there and name it as 'program' of host '{host.Name}'.",
        FailureCategory.NotFound) { Target = host.Name };

    private static string Checksum(string root, List<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(root, file))));
        }

        return Convert.ToHexString(hash.GetHashAndReset())[..16].ToLowerInvariant();
    }
}
