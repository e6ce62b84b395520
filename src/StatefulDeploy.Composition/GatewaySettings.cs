using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Gateway;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Composition;

/// <summary>What a service file says about its gateway.</summary>
public static class GatewaySettings
{
    private const string MaxSessions = "maxSessions";
    private const string Certificate = "tlsCertificate";
    private const string Key = "tlsKey";
    private const string ClientCa = "tlsClientCa";

    private static readonly IReadOnlyList<string> Known = [MaxSessions, Certificate, Key, ClientCa];

    /// <summary>The options of the gateway process of a service.</summary>
    /// <exception cref="UpgradeException">The router is no gateway, or a setting is unknown or wrong.</exception>
    public static GatewayOptions Of(ServiceDescription service)
    {
        if (service.Parts.Count > 0)
            throw new UpgradeException("ShardMissing", $"{service.Path}: each of its {service.Parts.Count} shards has a gateway of its own.", $"Run one a shard: {string.Join(", ", service.Parts.Select(part => part.Path))}.", FailureCategory.InvalidInput) { Target = service.Path };

        var router = service.Router;
        if (router.Kind != "gateway")
            throw new UpgradeException("NotAGateway", $"{service.Path}: router.kind is '{router.Kind}'; only a gateway is run by us.", "Start this router by its own means.", FailureCategory.InvalidInput) { Target = router.Kind };
        if (router.Settings.Keys.FirstOrDefault(name => !Known.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw Wrong(service, unknown, $"a gateway has no such setting. Expected one of: {string.Join(", ", Known)}");

        return new GatewayOptions
        {
            ServiceName = service.Name,
            Listen = [router.Listen],
            Target = service.Blue.Writer.Endpoint,
            StateDirectory = Path.Combine(service.StateDirectory, "gateway"),
            AdminSocket = router.Admin,
            Limits = LimitsOf(service),
            ListenTls = ListenTlsOf(service),
            TargetTls = service.TlsCaFile is { } ca ? new RespTlsOptions { CaCertificateFile = ca } : null,
            Control = service.Admin,
        };
    }

    private static GatewayLimits LimitsOf(ServiceDescription service)
    {
        var limits = new GatewayLimits { MaxHeldBytes = service.Limits.HoldBytes };
        if (!service.Router.Settings.TryGetValue(MaxSessions, out var text))
            return limits;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most > 0
            ? limits with { MaxSessions = most }
            : throw Wrong(service, MaxSessions, $"'{text}' is not a number above 0");
    }

    private static GatewayListenTls? ListenTlsOf(ServiceDescription service)
    {
        var (certificate, key, clients) = (PathOf(service, Certificate), PathOf(service, Key), PathOf(service, ClientCa));
        return (certificate, key) switch
        {
            (not null, not null) => new GatewayListenTls(certificate, key, clients),
            (null, null) when clients is null => null,
            (null, _) => throw Wrong(service, Certificate, "it is missing, although other TLS settings are there"),
            _ => throw Wrong(service, Key, "it is missing, although other TLS settings are there"),
        };
    }

    private static string? PathOf(ServiceDescription service, string name) =>
        service.Router.Settings.TryGetValue(name, out var path) ? Path.GetFullPath(path, Path.GetDirectoryName(service.Path)!) : null;

    private static UpgradeException Wrong(ServiceDescription service, string name, string what) =>
        new("InvalidValue", $"{service.Path}: router.settings.{name}: {what}.", "Correct the setting in the service file.", FailureCategory.InvalidInput) { Target = $"router.settings.{name}" };
}
