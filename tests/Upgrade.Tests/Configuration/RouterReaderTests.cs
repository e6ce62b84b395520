
namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>A router of several processes in a service file.</summary>
public sealed class RouterReaderTests
{
    private const string Service = """
        name: orders
        engine: redis
        version: "7.0"
        hosts: { far: { ssh: far.example } }
        nodes: [{ name: orders-1, endpoint: "127.0.0.1:7001" }]

        """;

    [Fact]
    public void An_instance_has_the_routers_settings_where_it_has_none_of_its_own()
    {
        var router = ServiceFile.Read(Service + """
            router:
              kind: pgbouncer
              listen: "10.0.0.5:6432"
              settings: { configFile: /etc/one.ini, adminUser: postgres }
              instances:
                - { admin: "10.0.0.11:6432", host: far }
                - { admin: /run/two/.s.PGSQL.6432, settings: { configFile: /etc/two.ini } }
            """).Router;

        Assert.Equal([("10.0.0.11:6432", "far"), ("/run/two/.s.PGSQL.6432", "local")], router.All.Select(one => (one.Admin, one.Host)));
        Assert.Equal(["/etc/one.ini", "/etc/two.ini"], router.All.Select(one => one.Settings["configFile"]));
        Assert.All(router.All, one => Assert.Equal("postgres", one.Settings["adminUser"]));
    }

    [Fact]
    public void A_router_without_instances_is_one_on_this_machine()
    {
        var router = ServiceFile.Read(Service + "router: { kind: pgbouncer, listen: \"10.0.0.5:6432\", admin: \"10.0.0.5:6432\", settings: { configFile: /etc/one.ini } }").Router;

        var only = Assert.Single(router.All);
        Assert.Equal(("10.0.0.5:6432", "local", "/etc/one.ini"), (only.Admin, only.Host, only.Settings["configFile"]));
    }

    [Theory]
    [InlineData("kind: gateway, listen: \"10.0.0.5:1\", instances: [{ admin: \"10.0.0.11:1\" }]", "InvalidValue", "one process")]
    [InlineData("kind: pgbouncer, listen: \"10.0.0.5:1\", instances: []", "EmptyValue", "at least one")]
    [InlineData("kind: pgbouncer, listen: \"10.0.0.5:1\", instances: [{ host: far }]", "MissingKey", "'admin'")]
    [InlineData("kind: pgbouncer, listen: \"10.0.0.5:1\", instances: [{ admin: \"a:1\", host: fra }]", "UnknownHost", "'far'")]
    [InlineData("kind: pgbouncer, listen: \"10.0.0.5:1\", instances: [{ admin: \"a:1\" }, { admin: \"a:1\" }]", "DuplicateEndpoint", "a:1")]
    [InlineData("kind: pgbouncer, listen: \"10.0.0.5:1\", instances: [{ admin: \"a:1\", port: 1 }]", "UnknownKey", "port")]
    public void What_is_wrong_with_instances_is_named(string router, string code, string named)
    {
        var refusal = ServiceFile.Refuse($"{Service}router: {{ {router} }}\n");

        Assert.Equal(code, refusal.ErrorId);
        Assert.Contains(named, refusal.Message + refusal.RecommendedAction, StringComparison.Ordinal);
    }
}
