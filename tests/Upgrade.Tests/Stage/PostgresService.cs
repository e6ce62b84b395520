using System.Net;
using Npgsql;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Postgres;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A PostgreSQL behind its routers, described by a service file.</summary>
internal sealed class PostgresService : ILiveService
{
    /// <summary>Where clients write who go past the router.</summary>
    public const string PastTable = "CREATE TABLE past (key text PRIMARY KEY, side text NOT NULL)";

    private PostgresService(TestBed bed, ServiceShape shape)
    {
        Bed = bed;
        Shape = shape;
        GreenPort = FreePort.Take();
        GreenFolder = shape.GreenFolder ?? bed.NewFolder("green");
        PostgresServer.LetThrough(GreenFolder);
        Environment.SetEnvironmentVariable(ProductProcess.Mark, bed.Folder);
        bed.Own(new LeftOvers(bed.Folder));
    }

    public TestBed Bed { get; }

    public ServiceShape Shape { get; }

    public PostgresServer Blue { get; private set; } = null!;

    /// <summary>What its clients connect to; each is one way in.</summary>
    public IReadOnlyList<ServerProcess> Routers { get; private set; } = [];

    /// <summary>Its first, or only, PgBouncer.</summary>
    public PgBouncerServer Pooler => (PgBouncerServer)Routers[0];

    /// <summary>The line over which everybody reaches blue; null where they reach it directly.</summary>
    public ReplicationLink? Link { get; private set; }

    public int GreenPort { get; }

    public string GreenFolder { get; }

    public string File => Path.Combine(Bed.Folder, "service.yaml");

    public string StateFolder => Path.Combine(Bed.Folder, "state");

    /// <summary>The service as its clients reach it.</summary>
    public PostgresLedgerEndpoint Router => EndpointAt(Routers[0].Port);

    public static async Task<PostgresService> StartAsync(TestBed bed, ServiceShape shape)
    {
        var service = new PostgresService(bed, shape);
        service.Blue = await bed.StartPostgresAsync(shape.From);
        await using (var client = await service.Blue.OpenAsync("app", "app"))
        await using (var command = new NpgsqlCommand(PastTable, client))
        {
            await command.ExecuteNonQueryAsync();
        }

        service.Link = shape.BehindLink ? bed.Own(new ReplicationLink(new IPEndPoint(IPAddress.Loopback, service.Blue.Port), "replication\0database")) : null;
        service.Routers = await shape.Routing.StartAsync(bed, service.BluePort);
        await System.IO.File.WriteAllTextAsync(Path.Combine(bed.Folder, "admin.password"), PostgresServer.AdminPassword);
        await System.IO.File.WriteAllTextAsync(Path.Combine(bed.Folder, "client.password"), PostgresServer.ClientPassword);
        await System.IO.File.WriteAllTextAsync(service.File, service.Text());
        return service;
    }

    /// <summary>One server past the router.</summary>
    public static PostgresLedgerEndpoint EndpointAt(int port) => new("127.0.0.1", port, "app", "app", PostgresServer.ClientPassword);

    public ProcessOptions Options(IReadOnlyDictionary<string, string?>? more = null)
    {
        var environment = new Dictionary<string, string?>(more ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal) { [ProductProcess.Mark] = Bed.Folder };
        return new ProcessOptions { WorkingDirectory = Bed.Folder, Environment = environment };
    }

    // Where the service file says that blue is.
    private int BluePort => Link?.Port ?? Blue.Port;

    private string Text() => FormattableString.Invariant($$"""
        name: t{{Guid.NewGuid().ToString("N")[..11]}}
        engine: postgresql
        version: "{{ServiceShape.VersionOf(Shape.From)}}"
        dataClass: cold
        dataClasses:
          cold: { hotReplicas: 0, coldCopies: 1, retention: 1d }
        nodes:
          - { name: blue-1, endpoint: "127.0.0.1:{{BluePort}}", dataDirectory: {{Blue.Data}} }
        green:
          version: "{{ServiceShape.VersionOf(Shape.To)}}"
          dataRoot: {{GreenFolder}}
          nodes:
            - { name: green-1, endpoint: "127.0.0.1:{{GreenPort}}", dataDirectory: {{GreenFolder}}/green-1 }
        router: {{Shape.Routing.Yaml(Routers)}}
        admin: { user: postgres, passwordFile: ./admin.password }
        client: { user: app, passwordFile: ./client.password }
        settings: { database: app{{string.Concat(Shape.EngineSettings.Select(pair => $", {pair.Key}: {pair.Value}"))}} }
        software:
          "{{ServiceShape.VersionOf(Shape.From)}}": { server: {{ServerCatalog.Get(Shape.From).Program}} }
          "{{ServiceShape.VersionOf(Shape.To)}}": { server: {{ServerCatalog.Get(Shape.To).Program}} }
        limits: { windowDeadline: {{Shape.WindowDeadline.TotalMilliseconds}}ms, holdLimit: {{Shape.HoldLimit.TotalMilliseconds}}ms, transactionGrace: 500ms, soak: 1s, answer: {{Shape.Answer.TotalMilliseconds}}ms, catchUpDeadline: {{Shape.CatchUpDeadline.TotalMilliseconds}}ms }
        state: {{StateFolder}}
        guard: {{Path.Combine(Bed.Folder, "guard")}}
        {{Shape.MoreYaml}}
        """);
}
