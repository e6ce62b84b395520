using System.Globalization;
using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The programs of one version on a host.</summary>
/// <param name="Folder">The folder of <c>postgres</c>, <c>initdb</c>, <c>pg_dump</c> and the others.</param>
/// <param name="Major">The major version.</param>
internal sealed partial record PostgresSoftware(string Folder, int Major)
{
    /// <summary>The path of one of its programs.</summary>
    public string this[string program] => Path.Combine(Folder, program);

    /// <summary>The major version of a version as a service file names it, such as 15 or 17.4.</summary>
    /// <exception cref="UpgradeException">It is not a version of PostgreSQL.</exception>
    public static int MajorOf(string version) => int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
        ? major
        : throw new UpgradeException("UnknownVersion", $"'{version}' is not a version of PostgreSQL.", "Use a major version such as 17.", FailureCategory.InvalidInput) { Target = version };

    /// <summary>Finds the programs: beside the server that the service file names for a version, else where Debian puts them.</summary>
    /// <exception cref="UpgradeException">They are not there, or are of another version.</exception>
    public static async Task<PostgresSoftware> FindAsync(ServiceDescription service, string version, IHost host, CancellationToken cancellationToken)
    {
        int major = MajorOf(version);
        string server = service.Software.GetValueOrDefault(version)?.Server ?? $"/usr/lib/postgresql/{major}/bin/postgres";
        string? said = await AskAsync(server, host, cancellationToken);
        if (said is not null && Version().Match(said) is { Success: true } match && int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture) == major)
        {
            return new PostgresSoftware(Path.GetDirectoryName(server)!, major);
        }

        throw new UpgradeException("SoftwareMissing", $"'{server}' on host '{host.Name}' is not there, or is not version {version}.", $"Install PostgreSQL {major}, and name its 'postgres' program under 'software' for version {version}.", FailureCategory.NotFound) { Target = version };
    }

    /// <summary>Whether a version of an extension is older than another: by its numbers, one after the other.</summary>
    public static bool IsOlder(string version, string than)
    {
        int[] left = Numbers(version);
        int[] right = Numbers(than);
        return left.AsSpan().SequenceCompareTo(right) < 0;
    }

    /// <summary>The extensions that can be created with it, and the version of each that is then made.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ExtensionsAsync(IHost host, CancellationToken cancellationToken)
    {
        CommandResult folder = await host.RunAsync(new HostCommand(this["pg_config"], "--sharedir"), cancellationToken);
        CommandResult lines = await host.RunAsync(new HostCommand("grep", "-rHE", "--include=*.control", "^ *default_version *=", Path.Combine(folder.Output.Trim(), "extension") + "/"), cancellationToken);
        Dictionary<string, string> versions = new(StringComparer.Ordinal);
        foreach (string line in lines.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int end = line.IndexOf(".control:", StringComparison.Ordinal);
            versions[Path.GetFileName(line[..end])] = line[(line.IndexOf('=', end) + 1)..].Trim(' ', '\'', '\r');
        }

        return versions;
    }

    /// <summary>Whether a library that a function names is there.</summary>
    public async Task<bool> HasLibraryAsync(string library, IHost host, CancellationToken cancellationToken)
    {
        CommandResult folder = await host.RunAsync(new HostCommand(this["pg_config"], "--pkglibdir"), cancellationToken);
        string path = library.StartsWith('/') ? library : Path.Combine(folder.Output.Trim(), library.Replace("$libdir/", string.Empty, StringComparison.Ordinal));
        return (await host.RunAsync(new HostCommand("test", "-e", path), cancellationToken)).ExitCode == 0
            || (await host.RunAsync(new HostCommand("test", "-e", path + ".so"), cancellationToken)).ExitCode == 0;
    }

    private static int[] Numbers(string version) =>
        [.. Digits().Matches(version).Select(match => int.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue)];

    private static async Task<string?> AskAsync(string server, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            return (await host.RunAsync(new HostCommand(server, "--version"), cancellationToken)).Output;
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.NotFound or FailureCategory.OperationFailed)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digits();
}
