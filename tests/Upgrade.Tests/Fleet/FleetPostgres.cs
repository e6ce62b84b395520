using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Postgres;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>A PostgreSQL 15 on one machine, another machine for green, and PgBouncer and the upgrade on a third one. What a machine has is on its own disk.</summary>
internal sealed class FleetPostgres
{
    private const int BluePort = 5432;
    private const int GreenPort = 5433;
    private const int RouterPort = 6432;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly TestBed _bed;
    private readonly TestFleet _machines;

    private FleetPostgres(TestBed bed, TestFleet machines)
    {
        _bed = bed;
        _machines = machines;
        Product = new FleetProduct(bed, Home);
    }

    public FleetProduct Product { get; }

    public TestMachine Blue => _machines["blue"];

    public TestMachine Green => _machines["green"];

    public PostgresLedgerEndpoint Router => At(Home, RouterPort);

    public PostgresLedgerEndpoint OnBlue => At(Blue, BluePort);

    private TestMachine Home => _machines["home"];

    public static async Task<FleetPostgres> StartAsync(TestBed bed)
    {
        var service = new FleetPostgres(bed, await bed.StartFleetAsync("home", "blue", "green"));
        await service.StartBlueAsync();
        await service.StartPoolerAsync();
        await File.WriteAllTextAsync(Path.Combine(service.Home.Disk, "admin.password"), PostgresServer.AdminPassword);
        await File.WriteAllTextAsync(Path.Combine(service.Home.Disk, "client.password"), PostgresServer.ClientPassword);
        await File.WriteAllTextAsync(service.Product.ServiceFile, service.Text());
        return service;
    }

    private async Task StartBlueAsync()
    {
        var bin = Path.GetDirectoryName(ServerCatalog.Get("postgresql-15").Program)!;
        await File.WriteAllTextAsync(Path.Combine(Blue.Disk, "password"), PostgresServer.AdminPassword + "\n");
        await Blue.RunAsync("chmod", "0644", "/srv/password");
        await Blue.RunAsync("install", "-d", "-m", "0700", "-o", "postgres", "-g", "postgres", "/srv/data");
        await Blue.RunAsync("setpriv", AsPostgres(Path.Combine(bin, "initdb"), "-D", "/srv/data", "-U", "postgres", "--pwfile", "/srv/password", "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions", "--no-sync"));
        await File.WriteAllTextAsync(Path.Combine(Blue.Disk, "data/pg_hba.conf"), "host all postgres 127.0.0.1/32 trust\nhost all all 198.18.0.0/15 scram-sha-256\n");
        await File.AppendAllTextAsync(Path.Combine(Blue.Disk, "data/postgresql.conf"), $"""
            port = {BluePort}
            listen_addresses = '{Blue.Address},127.0.0.1'
            unix_socket_directories = ''
            wal_level = logical
            max_wal_senders = 32
            max_replication_slots = 32
            max_logical_replication_workers = 16
            max_worker_processes = 24
            wal_retrieve_retry_interval = 500ms
            shared_buffers = 32MB

            """);
        _bed.Own(Blue.Start("setpriv", AsPostgres(Path.Combine(bin, "postgres"), "-D", "/srv/data")));
        string[] psql = ["-h", "127.0.0.1", "-p", $"{BluePort}", "-U", "postgres", "-q", "-c"];
        await TestBed.WaitUntilAsync(async () => (await Blue.TryRunAsync(Path.Combine(bin, "psql"), [.. psql, "SELECT 1"])).ExitCode == 0, "blue answers", Soon);
        await Blue.RunAsync(Path.Combine(bin, "psql"), [.. psql, $"CREATE ROLE app LOGIN PASSWORD '{PostgresServer.ClientPassword.Replace("'", "''", StringComparison.Ordinal)}'", "-c", "CREATE DATABASE app OWNER app"]);
        await OnBlue.CreateAsync(CancellationToken.None);
    }

    private async Task StartPoolerAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Home.Disk, "users.txt"), $"\"postgres\" \"{PostgresServer.AdminPassword}\"\n\"app\" \"{PostgresServer.ClientPassword}\"\n");
        await File.WriteAllTextAsync(Path.Combine(Home.Disk, "pgbouncer.ini"), $"""
            [databases]
            app = host={Blue.Address} port={BluePort} dbname=app

            [pgbouncer]
            listen_addr = {Home.Address}
            listen_port = {RouterPort}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = /srv/users.txt
            admin_users = postgres
            pool_mode = transaction
            default_pool_size = 20
            server_login_retry = 1
            ignore_startup_parameters = extra_float_digits

            """);
        await Home.RunAsync("chmod", "0644", "/srv/users.txt", "/srv/pgbouncer.ini");
        var pooler = _bed.Own(Home.Start("setpriv", AsPostgres(ServerCatalog.Get("pgbouncer").Program, "/srv/pgbouncer.ini")));
        await pooler.WaitForLineAsync("process up", Soon);
    }

    private static string[] AsPostgres(params string[] command) => ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", .. command];

    private static PostgresLedgerEndpoint At(TestMachine machine, int port) => new(machine.Address, port, "app", "app", PostgresServer.ClientPassword);

    private string Text() => $$"""
        name: accounts
        engine: postgresql
        version: "15"
        dataClass: none
        dataClasses:
          none: { hotReplicas: 0, coldCopies: 1, retention: 1d }
        hosts:
          near: { ssh: blue, config: {{_machines.SshConfig}}, guard: /srv/watch }
          far: { ssh: green, config: {{_machines.SshConfig}} }
        nodes:
          - { name: accounts-1, endpoint: "{{Blue.Address}}:{{BluePort}}", host: near, dataDirectory: /srv/data }
        green:
          version: "17"
          nodes:
            - { name: accounts-2, endpoint: "{{Green.Address}}:{{GreenPort}}", host: far, dataDirectory: /srv/green/accounts-2 }
        router:
          kind: pgbouncer
          listen: "{{Home.Address}}:{{RouterPort}}"
          admin: "{{Home.Address}}:{{RouterPort}}"
          settings: { configFile: /srv/pgbouncer.ini, adminUser: postgres, adminPasswordFile: ./admin.password }
        admin: { user: postgres, passwordFile: ./admin.password }
        client: { user: app, passwordFile: ./client.password }
        settings: { database: app }
        software:
          "15": { server: {{ServerCatalog.Get("postgresql-15").Program}} }
          "17": { server: {{ServerCatalog.Get("postgresql-17").Program}} }
        limits: { windowDeadline: 30s, holdLimit: 30s, transactionGrace: 500ms, soak: 1s, answer: 15s }
        state: /srv/state
        guard: /srv/guard
        """;
}
