using System.Text;
using System.Text.RegularExpressions;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads a service file and checks all of it that can be checked without asking anybody.</summary>
/// <param name="engines">The names of the engines that there are.</param>
/// <param name="routers">The kinds of routers that there are.</param>
/// <param name="volumes">The kinds of volumes that there are.</param>
public sealed partial class ServiceReader(IReadOnlyList<string> engines, IReadOnlyList<string> routers, IReadOnlyList<string> volumes)
{
    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    /// <summary>Reads one file.</summary>
    /// <param name="path">The file; with <c>#</c> and a shard's name behind it for a <see cref="ServicePart"/>.</param>
    /// <exception cref="UpgradeException">It cannot be read, or is wrong: the message names file, line and key.</exception>
    public ServiceDescription Read(string path)
    {
        var (file, shard) = ServicePart.Split(Path.GetFullPath(path));
        var service = Read(new YamlValue(Parse(file, Load(file)), file, string.Empty).Section(SectionKeys.Service), file);
        return shard is null ? service : service.Parts.FirstOrDefault(part => part.Shard == shard) ?? throw NoPart(service, shard);
    }

    private static UpgradeException NoPart(ServiceDescription service, string shard)
    {
        var names = service.Parts.Select(part => part.Shard!).ToList();
        var remedy = names.Count > 0 ? $"Use one of: {string.Join(", ", service.Parts.Select(part => part.Path))}." : "Leave '#' and what follows it out: its shards have no routers of their own.";
        return new UpgradeException("UnknownShard", $"{service.Path}: there is no shard '{shard}'.{NearestName.Question(shard, names)}", remedy, FailureCategory.InvalidInput) { Target = shard };
    }

    private static string Load(string file)
    {
        try
        {
            return File.ReadAllText(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UpgradeException("ServiceFileNotFound", $"There is no service file '{file}'.", "Give the path of the YAML file that describes the service.", FailureCategory.NotFound, exception) { Target = file };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new UpgradeException("ServiceFileUnreadable", $"The service file '{file}' cannot be read: {exception.Message}", "Make it a readable text file in UTF-8.", FailureCategory.InvalidInput, exception) { Target = file };
        }
    }

    private static YamlNode Parse(string file, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            var cause = exception.InnerException?.Message ?? exception.Message;
            throw new YamlPlace(file, exception.Start.Line, string.Empty).Error("InvalidYaml", $"This is not valid YAML: {cause}", "Correct the line; indentation and the colon after a key are the usual suspects.", inner: exception);
        }

        return stream.Documents.Count == 1
            ? stream.Documents[0].RootNode
            : throw new YamlPlace(file, 1, string.Empty).Error("InvalidYaml", $"Expected one document, found {stream.Documents.Count}.", "Describe one service in one file.");
    }

    private ServiceDescription Read(YamlSection section, string file)
    {
        var name = ReadName(section.Required("name"));
        var version = section.Required("version").Text();
        var state = section["state"]?.FullPath() ?? ServicePaths.DefaultState(name);
        var hosts = HostsReader.Read(section["hosts"]);
        var blue = new ClusterReader(ClusterColour.Blue, version, hosts).Read(section);
        if (blue.Count == 0)
            throw section.MissingKey("nodes' or 'shards");

        var green = GreenReader.Read(section, blue, hosts);
        var routing = new RouterReader(routers, hosts, [.. blue.Concat(green.Shards).SelectMany(shard => shard.Nodes)]);
        var ofShards = ShardRouters.Read(section, routing, state);
        var service = new ServiceDescription
        {
            Name = name,
            Path = file,
            Engine = ReadEngine(section.Required("engine")),
            DataClass = ReadDataClass(section),
            Hosts = hosts,
            Blue = new ClusterLayout(ClusterColour.Blue, version, blue),
            Green = green,
            Software = ReadSoftware(section["software"], file),
            Router = ofShards.Count > 0 ? ofShards[blue[0].Name] : routing.Read(section.Required("router").Section(SectionKeys.Router), state),
            Admin = ReadCredential(section["admin"]),
            Client = ReadCredential(section["client"]),
            TlsCaFile = section["tls"]?.Section(SectionKeys.Tls).Required("caFile").FullPath(),
            Volumes = section["volumes"] is { } list ? new VolumeReader(volumes, [.. blue.SelectMany(shard => shard.Nodes)]).Read(list) : [],
            Azure = section["azure"] is { } azure ? AzureReader.Read(azure.Section(SectionKeys.Azure), hosts) : null,
            SnapshotArchive = section["snapshots"]?.Section(SectionKeys.Snapshots).Required("archive").FullPath(),
            Suites = ReadSuites(section["verification"]),
            Notify = section["notify"]?.Items().Select(item => NotifyReader.Read(item.Section(SectionKeys.Notify))).ToList() ?? [],
            Limits = section["limits"] is { } limits ? LimitsReader.Read(limits.Section(SectionKeys.Limits)) : new UpgradeLimits(),
            AllowOneWay = section["allowOneWay"]?.Flag() ?? false,
            StateDirectory = state,
            SharedJournal = section["journal"] is { } journal ? JournalReader.Read(journal.Section(SectionKeys.Journal)) : null,
            // Not below `state`: two operators with journals of their own must meet at the same guard.
            GuardDirectory = section["guard"]?.FullPath() ?? Path.Combine(ServicePaths.DefaultState(name), "guard"),
            Settings = section["settings"]?.TextByName() ?? Nothing,
        };
        return ofShards.Count > 0 ? service with { Parts = ServicePart.Of(service, ofShards) } : service;
    }

    private static string ReadName(YamlValue name) => NamePattern().IsMatch(name.Text())
        ? name.Text()
        : throw name.Wrong(name.Text(), "1 to 63 of a-z, 0-9 and '-', a letter first");

    private string ReadEngine(YamlValue engine) => engines.FirstOrDefault(name => string.Equals(name, engine.Text(), StringComparison.OrdinalIgnoreCase))
        ?? throw engine.Place.Error("UnknownEngine", $"There is no engine '{engine.Text()}'.{NearestName.Question(engine.Text(), engines)}", $"Use one of: {string.Join(", ", engines)}.");

    private static DataClass ReadDataClass(YamlSection section)
    {
        var classes = DataClass.BuiltIn.ToDictionary(one => one.Name, StringComparer.Ordinal);
        foreach (var (name, value) in section["dataClasses"]?.Entries() ?? [])
        {
            var own = value.Section(SectionKeys.DataClass);
            if (!classes.TryAdd(name, ReadOwnClass(name, own)))
                throw value.Place.Error("DuplicateName", $"The data class '{name}' is built in and cannot be changed.", "Give your own class another name.");
        }

        return section["dataClass"]?.OneOf(classes) ?? DataClass.Standard;
    }

    private static DataClass ReadOwnClass(string name, YamlSection own) => new(
        name,
        own.Required("hotReplicas").Number(0, 100),
        own.Required("coldCopies").Number(0, 100),
        own.Required("retention").Duration(TimeSpan.Zero))
    {
        HotSnapshots = own["hotSnapshots"]?.Number(0, 100) ?? 1,
    };

    private static Dictionary<string, SoftwareDescription> ReadSoftware(YamlValue? software, string file)
    {
        var read = new Dictionary<string, SoftwareDescription>(StringComparer.Ordinal);
        foreach (var (version, value) in software?.Entries() ?? [])
        {
            var section = value.Section(SectionKeys.Software);
            var server = section["server"] is { } program ? ServicePaths.ResolveProgram(file, program.Text()) : null;
            read.Add(version, new SoftwareDescription(version, server, section["settings"]?.TextByName() ?? Nothing));
        }

        return read;
    }

    private static CredentialDescription? ReadCredential(YamlValue? value)
    {
        if (value is null)
            return null;

        var section = value.Section(SectionKeys.Credential);
        section.AtMostOneOf("passwordFile", "passwordEnv");
        return new CredentialDescription(section["user"]?.Text(), section["passwordFile"]?.FullPath(), section["passwordEnv"]?.Text());
    }

    private static List<SuiteDescription> ReadSuites(YamlValue? verification)
    {
        var read = new List<SuiteDescription>();
        foreach (var item in verification?.Items() ?? [])
        {
            var suite = SuiteReader.Read(item.Section(SectionKeys.Suite));
            if (read.Exists(other => other.Name == suite.Name))
                throw item.Place.Error("DuplicateName", $"There are two suites '{suite.Name}'.", "Give every suite a name of its own.");
            read.Add(suite);
        }

        return read;
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}
