using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>The routers before a PostgreSQL: how they are started, and how a service file describes them.</summary>
/// <param name="StartAsync">Starts them before the server that listens on a port.</param>
/// <param name="Yaml">The value of <c>router</c>.</param>
internal sealed record PostgresRouting(Func<TestBed, int, Task<IReadOnlyList<ServerProcess>>> StartAsync, Func<IReadOnlyList<ServerProcess>, string> Yaml)
{
    private const string Account = "adminUser: postgres, adminPasswordFile: ./admin.password";

    /// <summary>One PgBouncer in transaction pooling.</summary>
    public static PostgresRouting PgBouncer { get; } = new(
        async (bed, blue) => [await bed.StartPgBouncerAsync(blue)],
        routers => $$"""{ kind: pgbouncer, listen: "{{At(routers[0])}}", admin: "{{At(routers[0])}}", settings: { configFile: {{FileOf(routers[0])}}, {{Account}} } }""");

    /// <summary>Two of them; the second one asks the server for its clients' passwords.</summary>
    public static PostgresRouting TwoPgBouncers { get; } = new(
        async (bed, blue) => [await bed.StartPgBouncerAsync(blue), await bed.StartPgBouncerAsync(blue, asksServer: true)],
        routers => $$"""
            { kind: pgbouncer, listen: "{{At(routers[0])}}", settings: { {{Account}} }, instances: [{{string.Join(", ", routers.Select(one => $$"""{ admin: "{{At(one)}}", settings: { configFile: {{FileOf(one)}} } }"""))}}] }
            """);

    /// <summary>One PgBouncer in session pooling.</summary>
    public static PostgresRouting Sessions { get; } = new(
        async (bed, blue) => [await bed.StartPgBouncerAsync(blue, "session")],
        routers => $$"""{ kind: pgbouncer, listen: "{{At(routers[0])}}", admin: "{{At(routers[0])}}", settings: { configFile: {{FileOf(routers[0])}}, poolMode: session, {{Account}} } }""");

    /// <summary>A HAProxy in TCP mode.</summary>
    public static PostgresRouting HaProxy { get; } = new(
        async (bed, blue) => [await bed.StartHaProxyAsync(port => HaProxyServer.Tcp(port, blue))],
        routers => $$"""{ kind: haproxy, listen: "{{At(routers[0])}}", admin: {{((HaProxyServer)routers[0]).Socket}}, settings: { configFile: {{FileOf(routers[0])}}, servers: servers/s1 } }""");

    private static string At(ServerProcess router) => FormattableString.Invariant($"127.0.0.1:{router.Port}");

    private static string FileOf(ServerProcess router) => router is HaProxyServer proxy ? proxy.ConfigurationFile : ((PgBouncerServer)router).ConfigurationFile;
}
