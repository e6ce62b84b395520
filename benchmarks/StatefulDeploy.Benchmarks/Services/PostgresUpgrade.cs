using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Services;

/// <summary>A PostgreSQL behind PgBouncer, and its upgrade by the command line program.</summary>
public sealed class PostgresUpgrade
{
    private readonly int _greenPort = FreePort.Take();

    private PostgresUpgrade(TestBed bed, PostgresBlue blue)
    {
        Command = new UpgradeCommand(bed);
        Blue = blue;
    }

    /// <summary>The command line program on it.</summary>
    public UpgradeCommand Command { get; }

    /// <summary>The old server, and PgBouncer.</summary>
    public PostgresBlue Blue { get; }

    /// <summary>Green, past PgBouncer.</summary>
    public ILedgerEndpoint Green => PostgresBlue.EndpointOf(_greenPort);

    /// <summary>Starts blue and PgBouncer, and describes the service.</summary>
    /// <param name="bed">What ends everything afterwards.</param>
    /// <param name="from">Blue's server, by its name in the catalog.</param>
    /// <param name="to">Green's.</param>
    /// <param name="settings">More of the engine's settings, as the service file has them.</param>
    public static async Task<PostgresUpgrade> StartAsync(TestBed bed, string from, string to, params string[] settings)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var upgrade = new PostgresUpgrade(bed, await PostgresBlue.StartAsync(bed, from));
        await File.WriteAllTextAsync(Path.Combine(bed.Folder, "admin.password"), PostgresServer.AdminPassword);
        await File.WriteAllTextAsync(Path.Combine(bed.Folder, "client.password"), PostgresServer.ClientPassword);
        await File.WriteAllTextAsync(upgrade.Command.ServiceFile, upgrade.Describe(bed, from, to, settings));
        return upgrade;
    }

    private static string VersionOf(string server) => server[(server.LastIndexOf('-') + 1)..];

    private string Describe(TestBed bed, string from, string to, IReadOnlyList<string> settings)
    {
        var green = bed.NewFolder("green");
        PostgresServer.LetThrough(green);
        return $$"""
            name: {{"b" + Guid.NewGuid().ToString("N")[..10]}}
            engine: postgresql
            version: "{{VersionOf(from)}}"
            dataClass: rebuildable
            nodes: [{ name: blue, endpoint: "127.0.0.1:{{Blue.Server.Port}}", dataDirectory: {{Blue.Server.Data}} }]
            green:
              version: "{{VersionOf(to)}}"
              nodes: [{ name: green, endpoint: "127.0.0.1:{{_greenPort}}", dataDirectory: {{green}}/green }]
            router:
              kind: pgbouncer
              listen: "127.0.0.1:{{Blue.Pooler.Port}}"
              admin: "127.0.0.1:{{Blue.Pooler.Port}}"
              settings: { configFile: {{Blue.Pooler.ConfigurationFile}}, adminUser: postgres, adminPasswordFile: ./admin.password }
            admin: { user: postgres, passwordFile: ./admin.password }
            client: { user: app, passwordFile: ./client.password }
            settings: { {{string.Join(", ", settings.Prepend("database: app"))}} }
            software:
              "{{VersionOf(from)}}": { server: {{ServerCatalog.Get(from).Program}} }
              "{{VersionOf(to)}}": { server: {{ServerCatalog.Get(to).Program}} }
            limits: { soak: 1s, catchUpDeadline: 2h }
            state: {{Command.StateFolder}}
            guard: {{Path.Combine(bed.Folder, "guard")}}
            """;
    }
}
