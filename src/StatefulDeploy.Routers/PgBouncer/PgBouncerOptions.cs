using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Instances;

namespace StatefulDeploy.Routers.PgBouncer;

/// <summary>What a service file says about one PgBouncer.</summary>
/// <param name="Admin">The address of its console.</param>
/// <param name="User">One of its <c>admin_users</c>.</param>
/// <param name="PasswordFile">The file whose first line is the password; null where none is asked for.</param>
/// <param name="Configuration">Its configuration file.</param>
/// <param name="KeepsSessions">Whether it pools sessions, and it was consented to that these end at the switch.</param>
/// <param name="WindowDeadline">How long writes may be closed.</param>
internal sealed record PgBouncerOptions(string Admin, string User, string? PasswordFile, RouterConfigFile Configuration, bool KeepsSessions, TimeSpan WindowDeadline)
{
    private const string ConfigFile = "configFile";
    private const string AdminUser = "adminUser";
    private const string AdminPasswordFile = "adminPasswordFile";

    /// <summary>Reads them.</summary>
    /// <exception cref="UpgradeException">A setting is missing.</exception>
    public static PgBouncerOptions Read(ServiceDescription service, RouterInstance instance, IHostDirectory hosts, bool keepsSessions)
    {
        var folder = Path.GetDirectoryName(service.Path)!;
        var configuration = instance.Settings.GetValueOrDefault(ConfigFile)
            ?? throw new UpgradeException("MissingKey", "The router has no settings.configFile.", "Name PgBouncer's configuration file under router.settings.configFile.", FailureCategory.InvalidInput) { Target = ConfigFile };
        return new PgBouncerOptions(
            instance.Admin,
            instance.Settings.GetValueOrDefault(AdminUser) ?? "postgres",
            instance.Settings.TryGetValue(AdminPasswordFile, out var password) ? Path.GetFullPath(password, folder) : null,
            new RouterConfigFile(hosts[instance.Host], Path.GetFullPath(configuration, folder)),
            keepsSessions,
            service.Limits.WindowDeadline);
    }
}
