using System.Collections.Concurrent;
using System.Diagnostics;
using StatefulDeploy.Harness.Disks;

namespace StatefulDeploy.Harness.Servers;

/// <summary>The real servers the tests know, and where each is found on this machine.</summary>
public static class ServerCatalog
{
    private static readonly ConcurrentDictionary<string, (ServerInstallation? Found, string? Reason)> Looked = new(StringComparer.Ordinal);

    // Those of the machine's own release are on its PATH; tests/servers/install.sh puts the others into the cache.
    private static readonly Dictionary<string, Func<string, (ServerInstallation?, string?)>> Known = new(StringComparer.Ordinal)
    {
        ["redis-7.0"] = name => OnPath(name, "redis-server", "7.0", "--version"),
        ["redis-8.0"] = name => InCache(name, "redis-server", "8.0", "--version"),
        ["valkey-8.1"] = name => InCache(name, "valkey-server", "8.1", "--version"),
        ["garnet-2.2.2"] = name => InCache(name, "garnet-server", "2.2.2", null),
        ["garnet-2.2.8"] = name => InCache(name, "garnet-server", "2.2.8", null),
        ["postgresql-15"] = name => AsPostgres(At(name, "/usr/lib/postgresql/15/bin/postgres", "15.")),
        ["postgresql-17"] = name => AsPostgres(At(name, Path.Combine(Shared, "servers", "postgresql-17/usr/lib/postgresql/17/bin/postgres"), "17.")),
        ["pgbouncer"] = name => AsPostgres(OnPath(name, "pgbouncer", "1.", "--version")),
        ["haproxy"] = name => OnPath(name, "haproxy", "2.", "-v"),
        ["azurite"] = name => InCache(name, "azurite-blob", string.Empty, null),
        ["redis-cli"] = name => OnPath(name, "redis-cli", string.Empty, null),
        ["redis-benchmark"] = name => OnPath(name, "redis-benchmark", string.Empty, null),
        ["faketime"] = FakeTime,
        ["fleet"] = Fleet,
        ["volumes"] = name => LoopDisk.WhyMissing() is { } reason ? (null, reason) : (new ServerInstallation(name, string.Empty, string.Empty), null),
        ["root"] = name => Environment.IsPrivilegedProcess ? (new ServerInstallation(name, string.Empty, string.Empty), null) : (null, "this test needs root"),
    };

    /// <summary>Where the servers of other releases are kept.</summary>
    public static string Cache => Environment.GetEnvironmentVariable("STATEFULDEPLOY_CACHE") is { Length: > 0 } folder
        ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "statefuldeploy");

    /// <summary>Where servers are kept that another user than us must be able to run.</summary>
    public static string Shared => Environment.GetEnvironmentVariable("STATEFULDEPLOY_SHARED") is { Length: > 0 } folder ? folder : "/var/cache/statefuldeploy";

    /// <summary>Whether the exhaustive cases run too (<c>tests/run.sh --full</c>).</summary>
    public static bool Full => Environment.GetEnvironmentVariable("STATEFULDEPLOY_FULL") == "1";

    /// <summary>Whether the catalog knows a server of this name.</summary>
    /// <param name="name">The name.</param>
    public static bool Knows(string name) => Known.ContainsKey(name);

    /// <summary>A server that a test asked for by attribute, so that it is here.</summary>
    /// <param name="name">Its name in the catalog.</param>
    /// <exception cref="InvalidOperationException">It is not here; the message says why.</exception>
    public static ServerInstallation Get(string name)
    {
        var (found, reason) = Look(name);
        return found ?? throw new InvalidOperationException($"{reason}. A test that needs {name} says so: [ServerFact(\"{name}\")].");
    }

    /// <summary>Why not all of these servers can be used, or null if they can.</summary>
    /// <param name="names">Names of the catalog.</param>
    public static string? WhyMissing(IEnumerable<string> names)
    {
        var reasons = names.Select(Look).Where(look => look.Reason is not null).Select(look => look.Reason).ToList();
        return reasons.Count == 0 ? null : string.Join("; ", reasons);
    }

    private static (ServerInstallation? Found, string? Reason) Look(string name) => Looked.GetOrAdd(
        name,
        static key => Known.TryGetValue(key, out var look) ? look(key) : throw new ArgumentException($"The catalog knows no server '{key}'. It knows {string.Join(", ", Known.Keys)}."));

    // A library that programs are started with, and see another time by.
    private static (ServerInstallation?, string?) FakeTime(string name)
    {
        const string Library = "faketime/libfaketime.so.1";
        var path = Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu*").Append("/usr/lib64").Append("/usr/lib").Select(folder => Path.Combine(folder, Library)).FirstOrDefault(File.Exists);
        return path is null ? (null, $"{name} is missing: no {Library} (Debian's package libfaketime)") : (new ServerInstallation(name, string.Empty, path), null);
    }

    // What machines of namespaces are made of.
    private static (ServerInstallation?, string?) Fleet(string name)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return (null, "a fleet of namespaces needs root");
        }

        var missing = new[] { "sshd", "ssh", "sudo", "ip", "bridge", "unshare", "nsenter" }.Select(program => OnPath(program, program, string.Empty, null).Item2).FirstOrDefault(reason => reason is not null);
        if (missing is not null)
        {
            return (null, $"a fleet cannot be made: {missing}");
        }

        var said = Ask("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "true");
        return said.Length == 0 ? (new ServerInstallation(name, string.Empty, string.Empty), null) : (null, $"a fleet cannot be made: {said.Split('\n')[0]}");
    }

    private static (ServerInstallation?, string?) OnPath(string name, string program, string version, string? ask)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Append("/usr/sbin").Append("/sbin");
        var path = folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        return path is null ? (null, $"{name} is missing: no {program} on the PATH") : Checked(name, path, version, ask);
    }

    private static (ServerInstallation?, string?) InCache(string name, string program, string version, string? ask)
    {
        var path = Path.Combine(Cache, "servers", name, program);
        return File.Exists(path) ? Checked(name, path, version, ask) : (null, $"{name} is missing: no {path} (tests/servers/install.sh makes it)");
    }

    private static (ServerInstallation?, string?) At(string name, string path, string version) =>
        File.Exists(path) ? Checked(name, path, version, "--version") : (null, $"{name} is missing: no {path} (tests/servers/install.sh makes it)");

    // They refuse root: they are run as the user that Debian's package makes for them.
    private static (ServerInstallation?, string?) AsPostgres((ServerInstallation?, string?) found) => !Environment.IsPrivilegedProcess
        ? (null, "PostgreSQL's servers are started as the user postgres, which needs root")
        : File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? found : (null, "there is no user postgres");

    private static (ServerInstallation?, string?) Checked(string name, string path, string version, string? ask)
    {
        if (ask is not null)
        {
            var said = Ask(path, ask);
            if (!said.Contains(" " + version, StringComparison.Ordinal) && !said.Contains("v=" + version, StringComparison.Ordinal))
            {
                return (null, $"{name} is missing: {path} is another version: {said.Split('\n')[0].Trim()}");
            }
        }

        return (new ServerInstallation(name, version, path), null);
    }

    private static string Ask(string path, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return said;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return error.Message;
        }
    }
}
