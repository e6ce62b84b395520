using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.HaProxy;

/// <summary>What a service file says about one HAProxy.</summary>
/// <param name="Admin">The address of its runtime API.</param>
/// <param name="Servers">The servers that stand for the writer.</param>
/// <param name="Configuration">Its configuration file.</param>
internal sealed record HaProxyOptions(string Admin, IReadOnlyList<HaProxyServerName> Servers, RouterConfigFile Configuration)
{
    private const string ConfigFile = "configFile";
    private const string ServerList = "servers";

    /// <summary>Reads them.</summary>
    /// <exception cref="UpgradeException">A setting is missing or wrong.</exception>
    public static HaProxyOptions Read(ServiceDescription service, RouterInstance instance, IHostDirectory hosts) => new(
        instance.Admin,
        [.. Required(instance, ServerList, "Name the servers that stand for the writer under router.settings.servers, such as postgres/pg1.").Split(',').Select(ParseServer)],
        new RouterConfigFile(hosts[instance.Host], Path.GetFullPath(Required(instance, ConfigFile, "Name HAProxy's configuration file under router.settings.configFile."), Path.GetDirectoryName(service.Path)!)));

    private static string Required(RouterInstance instance, string name, string remedy) => instance.Settings.GetValueOrDefault(name)
        ?? throw new UpgradeException("MissingKey", $"The router has no settings.{name}.", remedy, FailureCategory.InvalidInput) { Target = name };

    private static HaProxyServerName ParseServer(string text) => text.Trim().Split('/') is [{ Length: > 0 } backend, { Length: > 0 } server]
        ? new HaProxyServerName(backend, server)
        : throw new UpgradeException("InvalidValue", $"router.settings.servers: '{text.Trim()}' is not of the form backend/server.", "Name each server as HAProxy's runtime API does, separated by commas.", FailureCategory.InvalidInput) { Target = ServerList };
}
