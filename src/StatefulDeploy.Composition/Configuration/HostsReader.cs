using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads the hosts that a service file describes, by name.</summary>
internal static partial class HostsReader
{
    private const int MostSessions = 64;

    public static IReadOnlyDictionary<string, HostDescription> Read(YamlValue? hosts)
    {
        var read = new Dictionary<string, HostDescription>(StringComparer.Ordinal);
        foreach (var (name, value) in hosts?.Entries() ?? [])
        {
            if (name == "local")
                throw value.Place.Error("DuplicateName", "The host 'local' is this machine and is not described.", "Give the host another name.");

            read.Add(name, ReadOne(name, value.Section(SectionKeys.Host)));
        }

        return read;
    }

    private static HostDescription ReadOne(string name, YamlSection section)
    {
        var ssh = section.Required("ssh");
        // What begins with a dash would be an option of ssh.
        if (!Destination().IsMatch(ssh.Text()))
            throw ssh.Wrong(ssh.Text(), "what ssh is given: an address, a name of its configuration, or user@ either of them (a port belongs into the configuration)");

        return new HostDescription
        {
            Name = name,
            Ssh = ssh.Text(),
            ConfigFile = section["config"]?.FullPath(),
            Sudo = section["sudo"]?.Flag() ?? false,
            Sessions = section["sessions"]?.Number(1, MostSessions) ?? 8,
            GuardDirectory = section["guard"] is { } guard ? PathThere(guard) : null,
            Program = section["program"] is { } program ? PathThere(program) : null,
        };
    }

    // What is relative to this file means nothing on another machine.
    private static string PathThere(YamlValue value) => value.Text() is var path && Path.IsPathFullyQualified(path) ? path : throw value.Wrong(path, "a full path on that host");

    [GeneratedRegex(@"^[A-Za-z0-9_\[][^\s]*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Destination();
}
