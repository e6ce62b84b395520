using System.Text;
using StatefulDeploy.Composition.Configuration;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

public sealed class ServiceReaderTests
{
    private const string Whole = """
        name: orders
        engine: redis
        version: 7.0
        dataClass: gold
        shards:
          - name: a
            nodes:
              - { name: a-1, endpoint: 127.0.0.1:7001, role: primary, dataDirectory: ./data/a-1, configFile: a-1.conf }
              - { name: a-2, endpoint: "[::1]:7002", host: local, settings: { repl-timeout: 5 } }
            router: { kind: gateway, listen: 127.0.0.1:6379, admin: ./run/gateway.sock, settings: { threads: 2 } }
          - name: b
            nodes:
              - { name: b-1, endpoint: 127.0.0.1:7003 }
            router: { kind: gateway, listen: 127.0.0.1:6380 }
        software:
          "7.0": { server: redis-server }
          "8.0": { server: ./redis-8.0/redis-server, settings: { modules: none } }
        green: { version: "8.0", dataRoot: ./green, basePort: 7101, settings: { maxmemory: 1gb } }
        admin: { user: admin, passwordFile: ./secrets/admin }
        client: { passwordEnv: ORDERS_PASSWORD }
        tls: { caFile: ca.pem }
        limits: { windowDeadline: 20s, holdLimit: 1m30s, holdBytes: 1GB, transactionGrace: 0s, lagGate: 64KB, catchUpDeadline: 2h, soak: 0s, answer: 500ms }
        dataClasses:
          gold: { hotReplicas: 2, coldCopies: 3, retention: 90d }
        verification:
          - { name: smoke, command: [./smoke.sh, --fast] }
          - { name: load, kind: load, pester: load.Tests.ps1, writes: true, timeout: 5m, results: load.json, maxLatencyRatio: 1.5, minThroughputRatio: 0.8 }
        notify:
          - { when: [before, after], command: [tell, everybody] }
          - { webhook: "https://example.org/hook", timeout: 2s }
        allowOneWay: true
        state: ./state
        guard: ./guard
        settings: { maxmemory-policy: noeviction }
        """;

    [Fact]
    public void A_minimal_file_gets_every_default()
    {
        var service = ServiceFile.Read(ServiceFile.Minimal);

        Assert.Equal("orders", service.Name);
        Assert.Equal("7.0", service.Blue.Version);
        Assert.Equal(new NodeEndpoint("127.0.0.1", 7001), service.Blue.Writer.Endpoint);
        Assert.Equal(DataClass.Standard, service.DataClass);
        Assert.Equal(new UpgradeLimits(), service.Limits);
        Assert.Null(service.Green.Version);
        Assert.EndsWith("/statefuldeploy/orders", service.StateDirectory, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(service.StateDirectory, "guard"), service.GuardDirectory);
        Assert.Equal(Path.Combine(service.StateDirectory, "gateway.sock"), service.Router.Admin);
    }

    [Fact]
    public void Every_key_arrives_in_the_model()
    {
        using var file = new ServiceFile(Whole);

        var service = file.Read();

        Assert.Equal(["a", "b"], service.Blue.Shards.Select(shard => shard.Name));
        Assert.Equal(NodeRole.Replica, service.Blue.Shards[0].Nodes[1].Role);
        Assert.Equal(NodeRole.Primary, service.Blue.Shards[1].Nodes[0].Role);
        Assert.Equal(Path.Combine(file.Folder, "data/a-1"), service.Blue.Writer.DataDirectory);
        Assert.Equal("5", service.Blue.Shards[0].Nodes[1].Settings["repl-timeout"]);
        Assert.Equal(new DataClass("gold", 2, 3, TimeSpan.FromDays(90)), service.DataClass);
        Assert.Equal(Path.Combine(file.Folder, "run/gateway.sock"), service.Router.Admin);
        Assert.Equal("redis-server", service.Software["7.0"].Server);
        Assert.Equal(Path.Combine(file.Folder, "redis-8.0/redis-server"), service.Software["8.0"].Server);
        Assert.Equal(("8.0", 7101), (service.Green.Version, service.Green.BasePort));
        Assert.Equal(new CredentialDescription("admin", Path.Combine(file.Folder, "secrets/admin"), null), service.Admin);
        Assert.Equal(new CredentialDescription(null, null, "ORDERS_PASSWORD"), service.Client);
        Assert.Equal(Path.Combine(file.Folder, "ca.pem"), service.TlsCaFile);
        Assert.Equal(TimeSpan.FromSeconds(90), service.Limits.HoldLimit);
        Assert.Equal(64 << 10, service.Limits.LagGate);
        Assert.Equal([Path.Combine(file.Folder, "smoke.sh"), "--fast"], service.Suites[0].Command);
        Assert.Equal((SuiteKind.Load, true, 1.5), (service.Suites[1].Kind, service.Suites[1].Writes, service.Suites[1].MaxLatencyRatio));
        Assert.Equal([NotifyMoment.BeforeWindow, NotifyMoment.AfterWindow], service.Notify[0].Moments);
        Assert.Equal(3, service.Notify[1].Moments.Count);
        Assert.Equal(Path.Combine(file.Folder, "state"), service.StateDirectory);
        Assert.Equal(Path.Combine(file.Folder, "guard"), service.GuardDirectory);
        Assert.True(service.AllowOneWay);
        Assert.Equal("noeviction", service.Settings["maxmemory-policy"]);
    }

    [Fact]
    public void A_state_folder_of_ones_own_keeps_the_common_guard()
    {
        var service = ServiceFile.Read(ServiceFile.Minimal + "state: ./state\n");

        Assert.EndsWith("/statefuldeploy/orders/guard", service.GuardDirectory, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limit: {}", 7, "limit", "UnknownKey", "Did you mean 'limits'?")]
    [InlineData("limits: { soka: 1s }", 7, "limits.soka", "UnknownKey", "Did you mean 'soak'?")]
    [InlineData("admin: { password: hunter2 }", 7, "admin.password", "UnknownKey", "holds no password")]
    [InlineData("admin: { passwordFile: a, passwordEnv: B }", 7, "admin.passwordEnv", "ConflictingKeys", "exclude each other")]
    [InlineData("limits: 30s", 7, "limits", "WrongType", "found the text '30s'")]
    [InlineData("limits:", 7, "limits", "WrongType", "found nothing")]
    [InlineData("limits: { soak: }", 7, "limits.soak", "EmptyValue", "empty")]
    [InlineData("limits:\n  soak: 30 seconds", 8, "limits.soak", "InvalidValue", "'30 seconds' is not valid. Expected a duration")]
    [InlineData("limits: { windowDeadline: 10ms }", 7, "limits.windowDeadline", "InvalidValue", "at least 1000 ms")]
    [InlineData("limits: { soak: 99999999999999d }", 7, "limits.soak", "InvalidValue", "duration")]
    [InlineData("limits: { lagGate: 1XB }", 7, "limits.lagGate", "InvalidValue", "size")]
    [InlineData("dataClass: precious", 7, "dataClass", "InvalidValue", "critical, standard, rebuildable")]
    [InlineData("dataClasses: { critical: { hotReplicas: 0, coldCopies: 0, retention: 0s } }", 7, "dataClasses.critical", "DuplicateName", "built in")]
    [InlineData("dataClasses: { gold: { hotReplicas: two, coldCopies: 0, retention: 0s } }", 7, "dataClasses.gold.hotReplicas", "InvalidValue", "whole number from 0 to 100")]
    [InlineData("green: { basePort: 70000 }", 7, "green.basePort", "InvalidValue", "1 to 65535")]
    [InlineData("green: { nodes: [{ name: g, endpoint: 127.0.0.1:7001 }] }", 7, "green", "DuplicateEndpoint", "127.0.0.1:7001")]
    [InlineData("shards: []", 7, "shards", "ConflictingKeys", "'nodes' and 'shards'")]
    [InlineData("verification: [{ name: smoke }]", 7, "verification[0]", "MissingKey", "'command', 'pester' or 'workload'")]
    [InlineData("verification: [{ name: a, command: [x], kind: loda }]", 7, "verification[0].kind", "InvalidValue", "Did you mean 'load'?")]
    [InlineData("verification:\n  - { name: a, command: [x] }\n  - { name: a, command: [y] }", 9, "verification[1]", "DuplicateName", "two suites 'a'")]
    [InlineData("verification: [{ name: a, command: x }]", 7, "verification[0].command", "WrongType", "Expected a list")]
    [InlineData("verification: [{ name: a, command: [] }]", 7, "verification[0].command", "EmptyValue", "empty")]
    [InlineData("verification: [{ name: a, command: [x], writes: yes }]", 7, "verification[0].writes", "InvalidValue", "true or false")]
    [InlineData("verification: [{ name: a, command: [x], maxLatencyRatio: -1 }]", 7, "verification[0].maxLatencyRatio", "InvalidValue", "above 0")]
    [InlineData("notify: [{ when: [] , command: [x] }]", 7, "notify[0].when", "EmptyValue", "empty")]
    [InlineData("notify: [{ when: [during], command: [x] }]", 7, "notify[0].when[0]", "InvalidValue", "before, at, after")]
    [InlineData("notify: [{ webhook: ftp://example.org }]", 7, "notify[0].webhook", "InvalidValue", "http or https")]
    [InlineData("notify: [{ webhook: 'http://a', command: [x] }]", 7, "notify[0].webhook", "ConflictingKeys", "exclude")]
    [InlineData("tls: {}", 7, "tls", "MissingKey", "'caFile'")]
    [InlineData("name: again", 7, "", "InvalidYaml", "not valid YAML")]
    [InlineData("  x: 1", 7, "", "InvalidYaml", "not valid YAML")]
    public void What_is_wrong_below_a_good_file_is_told_with_line_and_key(string added, int line, string key, string errorId, string says)
    {
        using var file = new ServiceFile(ServiceFile.Minimal.TrimEnd() + "\n" + added + "\n");

        var error = Assert.Throws<UpgradeException>(() => file.Read());

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal(FailureCategory.InvalidInput, error.Category);
        Assert.StartsWith($"{file.FullName}:{line}:{(key.Length > 0 ? $" {key}:" : string.Empty)} ", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.RecommendedAction);
        Assert.DoesNotContain("hunter2", error.Message + error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_are_read_and_named_by_nodes()
    {
        using var file = new ServiceFile("""
            name: orders
            engine: redis
            version: "7.0"
            hosts:
              db2: { ssh: deploy@db2.example.org, config: ./ssh/config, sudo: true, sessions: 4 }
              db3: { ssh: db3 }
            nodes:
              - { name: orders-1, endpoint: 192.0.2.1:7001, role: primary }
              - { name: orders-2, endpoint: 192.0.2.2:7001, host: db2 }
            green: { nodes: [ { name: green-1, endpoint: 192.0.2.3:7001, host: db3 } ] }
            router: { kind: gateway, listen: 127.0.0.1:6379 }

            """);
        var service = file.Read();
        Assert.Equal(["db2", "db3"], service.Hosts.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(new HostDescription { Name = "db2", Ssh = "deploy@db2.example.org", ConfigFile = Path.Combine(file.Folder, "ssh/config"), Sudo = true, Sessions = 4 }, service.Hosts["db2"]);
        Assert.Equal(new HostDescription { Name = "db3", Ssh = "db3" }, service.Hosts["db3"]);
        Assert.Equal(["local", "db2"], service.Blue.Nodes.Select(node => node.Host));
        Assert.Equal("db3", service.Green.Shards[0].Primary.Host);
    }

    [Theory]
    [InlineData("local: { ssh: db1 }", "DuplicateName", "hosts.local")]
    [InlineData("db1: { sudo: true }", "MissingKey", "'ssh'")]
    [InlineData("db1: { ssh: -oProxyCommand=evil }", "InvalidValue", "hosts.db1.ssh")]
    [InlineData("db1: { ssh: db 1 }", "InvalidValue", "hosts.db1.ssh")]
    [InlineData("db1: { ssh: db1, sessions: 0 }", "InvalidValue", "hosts.db1.sessions")]
    [InlineData("db1: { ssh: db1, password: x }", "UnknownKey", "password")]
    public void A_host_that_is_wrong_is_told_with_its_place(string host, string error, string says)
    {
        var refused = ServiceFile.Refuse(ServiceFile.Minimal + $"hosts:\n  {host}\n");
        Assert.Equal(error, refused.ErrorId);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.Contains(":8: hosts", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: orders", "name: Orders", 1, "name", "InvalidValue", "1 to 63 of a-z")]
    [InlineData("name: orders\n", "", 1, "", "MissingKey", "'name' is missing")]
    [InlineData("engine: redis", "engine: rediss", 2, "engine", "UnknownEngine", "Did you mean 'redis'?")]
    [InlineData("engine: redis", "engine: [redis]", 2, "engine", "WrongType", "found a list")]
    [InlineData("version: \"7.0\"\n", "", 1, "", "MissingKey", "'version' is missing")]
    [InlineData("127.0.0.1:7001", "127.0.0.1", 5, "nodes[0].endpoint", "InvalidValue", "host:port")]
    [InlineData("127.0.0.1:7001", "127.0.0.1:65536", 5, "nodes[0].endpoint", "InvalidValue", "1 to 65535")]
    [InlineData("role: primary", "role: master", 5, "nodes[0].role", "InvalidValue", "primary, replica")]
    [InlineData("role: primary", "role: replica", 5, "nodes", "NoPrimary", "No node is the primary")]
    [InlineData("role: primary", "role: primary, host: db1", 5, "nodes[0].host", "UnknownHost", "no host 'db1'")]
    [InlineData("  - { name: orders-1, endpoint: 127.0.0.1:7001, role: primary }", "  - { name: a, endpoint: 'h:1' }\n  - { name: a, endpoint: 'h:2' }", 6, "nodes[1].name", "DuplicateName", "two nodes 'a'")]
    [InlineData("  - { name: orders-1, endpoint: 127.0.0.1:7001, role: primary }", "  - { name: a, endpoint: 'h:1' }\n  - { name: b, endpoint: 'h:1' }", 6, "nodes[1].endpoint", "DuplicateEndpoint", "h:1")]
    [InlineData("  - { name: orders-1, endpoint: 127.0.0.1:7001, role: primary }", "  - { name: a, endpoint: 'h:1', role: primary }\n  - { name: b, endpoint: 'h:2', role: primary }", 5, "nodes", "ManyPrimaries", "a, b")]
    [InlineData("kind: gateway", "kind: haproxi", 6, "router.kind", "InvalidValue", "gateway")]
    [InlineData("listen: 127.0.0.1:6379", "listen: 127.0.0.1:7001", 6, "router.listen", "DuplicateEndpoint", "orders-1")]
    [InlineData("kind: gateway, listen", "listen", 6, "router", "MissingKey", "'kind'")]
    public void What_is_wrong_in_a_key_that_must_be_there_is_told_with_line_and_key(string good, string bad, int line, string key, string errorId, string says)
    {
        var error = ServiceFile.Refuse(ServiceFile.Minimal.Replace(good, bad, StringComparison.Ordinal));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains($"orders.yaml:{line}:{(key.Length > 0 ? $" {key}:" : string.Empty)} ", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_not_found()
    {
        var error = Assert.Throws<UpgradeException>(() => new ServiceReader([], [], []).Read("/nowhere/orders.yaml"));

        Assert.Equal(("ServiceFileNotFound", FailureCategory.NotFound), (error.ErrorId, error.Category));
        Assert.Contains("/nowhere/orders.yaml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_service_file()
    {
        var error = Assert.Throws<UpgradeException>(() => new ServiceReader([], [], []).Read("/"));

        Assert.Equal("ServiceFileUnreadable", error.ErrorId);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        using var file = new ServiceFile(string.Empty);
        File.WriteAllBytes(file.FullName, [.. Encoding.UTF8.GetBytes("name: "), 0xff, 0xfe]);

        Assert.Equal("ServiceFileUnreadable", Assert.Throws<UpgradeException>(() => file.Read()).ErrorId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("name: a\n---\nname: b\n")]
    public void A_file_holds_one_document(string text) => Assert.Equal("InvalidYaml", ServiceFile.Refuse(text).ErrorId);

    [Fact]
    public void An_admin_socket_that_the_kernel_cannot_name_is_refused()
    {
        var error = ServiceFile.Refuse(ServiceFile.Minimal.Replace("6379 }", $"6379, admin: ./{new string('x', 100)} }}", StringComparison.Ordinal));

        Assert.Contains("router.admin: The path of the admin socket is longer than 107 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_the_file_does_not_reach_the_model()
    {
        var error = ServiceFile.Refuse(ServiceFile.Minimal + "client: { user: app, password: s3cret }\n");

        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }
}
