using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// The <c>garnet-server</c> .NET tool, fetched at its first use into a cache of the user's:
/// <c>$STATEFULDEPLOY_CACHE</c>, or <c>~/.cache/statefuldeploy</c>, then <c>servers/garnet-VERSION/garnet-server</c>.
/// </summary>
public static class GarnetTool
{
    private const string Package = "garnet-server";
    private const string CacheVariable = "STATEFULDEPLOY_CACHE";
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(15);

    /// <summary>The server program of a version, fetched when it is not there yet. Several processes may do so at once; a fetch that was broken off leaves nothing that counts.</summary>
    /// <param name="version">The version of the tool, such as <c>2.2.8</c>.</param>
    /// <param name="host">The host on which the server is to run; the cache is on this machine, so it must be this one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The full path of the program.</returns>
    /// <exception cref="UpgradeException">There is no .NET SDK, the package or its version cannot be had, or the disk is full.</exception>
    public static async Task<string> EnsureAsync(string version, IHost host, CancellationToken cancellationToken)
    {
        string name = GarnetVersion.Parse(version).ToString();
        string program = Locate(name);
        if (!File.Exists(program))
        {
            await FetchAsync(name, Path.GetDirectoryName(program)!, host, cancellationToken);
        }

        return program;
    }

    /// <summary>Where the server program of a version lies once it was fetched.</summary>
    /// <param name="version">The version of the tool.</param>
    public static string Locate(string version)
    {
        string cache = Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "statefuldeploy");
        return Path.Combine(cache, "servers", $"garnet-{version}", Package);
    }

    private static async Task FetchAsync(string version, string folder, IHost host, CancellationToken cancellationToken)
    {
        string making = $"{folder}.making.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            CommandResult result = await RunAsync(version, making, host, cancellationToken);
            if (result.ExitCode != 0 || !File.Exists(Path.Combine(making, Package)))
            {
                throw NotFetched(version, Reason(result));
            }

            Slim(making);
            Publish(making, folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException("ToolCacheUnwritable", $"The cache '{folder}' cannot be written: {exception.Message}", $"Free space there, or name another folder in {CacheVariable}.", FailureCategory.Capacity, exception) { Target = folder };
        }
        finally
        {
            if (Directory.Exists(making))
            {
                Directory.Delete(making, recursive: true);
            }
        }
    }

    private static async Task<CommandResult> RunAsync(string version, string making, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            // A neutral folder: a nuget.config or global.json of the caller's is not meant for this.
            return await host.RunAsync(new HostCommand("dotnet", "tool", "install", "--tool-path", making, Package, "--version", version) { Timeout = FetchTimeout, WorkingFolder = Path.GetTempPath() }, cancellationToken);
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.NotFound)
        {
            throw new UpgradeException("DotnetMissing", $"Garnet {version} is fetched as a .NET tool, and there is no 'dotnet' on the path.", $"Install the .NET SDK (8.0 or later), or name the server program of version {version} in the service file.", FailureCategory.NotFound, exception) { Target = "dotnet" };
        }
    }

    // The package itself is kept twice beside what was unpacked from it: half a gigabyte that nothing reads again.
    private static void Slim(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*.nupkg", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }
    }

    private static void Publish(string making, string folder)
    {
        try
        {
            Directory.Move(making, folder);
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, Package)))
        {
            // Somebody else was faster; theirs is as good.
        }
    }

    private static string Reason(CommandResult result) =>
        (result.Error + result.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? $"exit code {result.ExitCode}";

    private static UpgradeException NotFetched(string version, string reason) => new(
        "ToolNotFetched",
        $"Garnet {version} could not be fetched as the .NET tool '{Package}': {reason}",
        $"Check that the version exists and that the package source can be reached ('dotnet nuget list source'), or name the server program of version {version} in the service file.",
        FailureCategory.NotFound) { Target = version };
}
