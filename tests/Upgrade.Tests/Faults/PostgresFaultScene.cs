using Npgsql;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>A PostgreSQL behind PgBouncer.</summary>
internal sealed class PostgresFaultScene : FaultScene
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly PastPostgresClient _pastToBlue;
    private readonly PastPostgresClient _pastToGreen;

    private PostgresFaultScene(PostgresService service, Ledger ledger)
        : base(service, ledger)
    {
        Service = service;
        var pause = TimeSpan.FromMilliseconds(25);
        _pastToBlue = service.Bed.Own(new PastPostgresClient("blue", service.Blue.Port, pause));
        _pastToGreen = service.Bed.Own(new PastPostgresClient("green", service.GreenPort, pause));
        _pastToBlue.Start();
        _pastToGreen.Start();
    }

    public new PostgresService Service { get; }

    public override ILedgerEndpoint Router => Service.Router;

    protected override int GreenPort => Service.GreenPort;

    protected override int RouterProcess => Service.Pooler.Process.Id;

    public static new async Task<PostgresFaultScene> StartAsync(TestBed bed, FaultCase fault)
    {
        var disk = fault.SmallDiskMegabytes is { } size ? bed.Own(await SmallDisk.MountAsync(bed.NewFolder("disk"), size)) : null;
        var service = await PostgresService.StartAsync(bed, disk is null ? fault.Shape : fault.Shape with { GreenFolder = disk.Folder });
        return new PostgresFaultScene(service, await bed.StartLedgerAsync(service.Router, fault.Shape.Load)) { Disk = disk };
    }

    public override async Task RestartGreenAsync()
    {
        var id = GreenProcess();
        var children = (await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var folder = new FileInfo($"/proc/{id}/cwd").LinkTarget!;
        Signals.Kill(id);
        await TestBed.WaitUntilAsync(() => Task.FromResult(!children.Append(FormattableString.Invariant($"{id}")).Any(one => Directory.Exists($"/proc/{one}"))), "green is gone", Soon);
        string[] words = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", ServerCatalog.Get(Service.Shape.To).Program, "-D", folder];
        Service.Bed.Own(TestProcess.Start("setpriv", words, Service.Options() with { WorkingDirectory = folder }));
        await TestBed.WaitUntilAsync(() => Task.FromResult(ProductProcess.ListeningOn(Service.GreenPort) > 0), "green is back", Soon);
    }

    public override async Task CrashBlueAsync()
    {
        await Service.Blue.CrashAsync();
        await Service.Blue.StartAsync();
    }

    public override Task RestartBlueAsync() => Service.Blue.RestartAsync();

    public override Task CutLinkAsync()
    {
        Service.Link!.Hold();
        return Task.CompletedTask;
    }

    public override Task MendLinkAsync()
    {
        Service.Link!.LetGo();
        return Task.CompletedTask;
    }

    public override async Task RestartRouterAsync()
    {
        await Service.Pooler.KillAsync();
        await Service.Pooler.StartAsync();
    }

    public override void LeaveBlue() => _pastToBlue.Pause();

    public override async Task<IReadOnlyList<AcceptedWrite>> EndPastWritesAsync()
    {
        await _pastToBlue.StopAsync();
        await _pastToGreen.StopAsync();
        return [.. _pastToBlue.Accepted, .. _pastToGreen.Accepted];
    }

    public override ILedgerEndpoint At(string side) => PostgresService.EndpointAt(PortOf(side));

    public override async Task<int> CountMissingAsync(IReadOnlyList<AcceptedWrite> writes, string side)
    {
        await using var session = await PostgresServer.OpenAsync(PortOf(side), "app", "app");
        await using var command = new NpgsqlCommand("SELECT key FROM past", session);
        await using var reader = await command.ExecuteReaderAsync();
        var there = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            there.Add(reader.GetString(0));
        }

        return writes.Count(write => !there.Contains(write.Key));
    }

    /// <summary>Opens a session of the client through PgBouncer or past it, in a transaction that has written and holds what it wrote.</summary>
    public async Task<NpgsqlConnection> OpenTransactionAsync(int port, string sql)
    {
        var session = Service.Bed.Own(await PostgresServer.OpenAsync(port, "app", "app"));
        await using var command = new NpgsqlCommand("BEGIN; " + sql, session);
        await command.ExecuteNonQueryAsync();
        return session;
    }

    protected override async Task<bool> TakesWritesAsync(string side)
    {
        try
        {
            await using var session = await PostgresServer.OpenAsync(PortOf(side), "app", "app");
            await using var command = new NpgsqlCommand("INSERT INTO past VALUES ('look', 'look') ON CONFLICT (key) DO UPDATE SET side = 'look'", session);
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private int PortOf(string side) => side == "green" ? Service.GreenPort : Service.Blue.Port;
}
