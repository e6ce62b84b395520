using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

public sealed class GatewaySettingsTests
{
    private const string Settings = "listen: 127.0.0.1:6379, settings: ";

    [Fact]
    public void A_gateway_listens_where_the_file_says_and_begins_with_blue()
    {
        using var file = new ServiceFile(With("{ maxSessions: 500, tlsCertificate: gateway.pem, tlsKey: gateway.key }") + "admin: { user: admin, passwordEnv: P }\nlimits: { holdBytes: 1MB }\nstate: ./state\n");

        var options = GatewaySettings.Of(file.Read());

        Assert.Equal("127.0.0.1:6379", Assert.Single(options.Listen).ToString());
        Assert.Equal("127.0.0.1:7001", options.Target.ToString());
        Assert.Equal(Path.Combine(file.Folder, "state", "gateway"), options.StateDirectory);
        Assert.Equal(Path.Combine(file.Folder, "state", "gateway.sock"), options.AdminSocket);
        Assert.Equal((500, 1 << 20), (options.Limits.MaxSessions, options.Limits.MaxHeldBytes));
        Assert.Equal(Path.Combine(file.Folder, "gateway.pem"), options.ListenTls!.CertificateFile);
        Assert.Equal("admin", options.Control!.User);
        Assert.Null(options.TargetTls);
    }

    [Theory]
    [InlineData("{ threads: 4 }", "router.settings.threads")]
    [InlineData("{ maxSessions: many }", "router.settings.maxSessions")]
    [InlineData("{ tlsKey: a }", "router.settings.tlsCertificate")]
    [InlineData("{ tlsCertificate: a }", "router.settings.tlsKey")]
    public void A_wrong_setting_is_refused_by_its_name(string settings, string key)
    {
        var service = ServiceFile.Read(With(settings));

        var error = Assert.Throws<UpgradeException>(() => GatewaySettings.Of(service));

        Assert.Equal(FailureCategory.InvalidInput, error.Category);
        Assert.Contains($"{key}:", error.Message, StringComparison.Ordinal);
    }

    private static string With(string settings) => ServiceFile.Minimal.Replace("listen: 127.0.0.1:6379", Settings + settings, StringComparison.Ordinal);
}
