using System.Net.Sockets;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.BadInput;

/// <summary>What cannot be done safely is refused by the real command before anything is touched, with what, why and the remedy.</summary>
public sealed class PreflightInputTests(ITestOutputHelper output)
{
    private const int Unreachable = 6;
    private const int AccessDenied = 7;
    private const int Refused = 8;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_version_that_nobody_knows() => RefuseAsync(new ServiceShape(), "UnknownVersion|SoftwareMissing", "99.1", ["--to", "99.1"], code: null);

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_version_that_is_no_version() => RefuseAsync(new ServiceShape(), "UnknownVersion", "newest", ["--to", "newest"], code: 2);

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_version_older_than_blue() => RefuseAsync(new ServiceShape { From = "redis-8.0", To = "redis-7.0" }, "TargetOlder", "is older than");

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_server_of_another_version_than_the_file_says() => RefuseAsync(new ServiceShape(), "VersionDiffers", "the service file says", edit: text => text.Replace("version: \"7.0\"", "version: \"6.2\"", StringComparison.Ordinal));

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_node_that_does_not_answer() => RefuseAsync(new ServiceShape(), "NodeUnreachable", "does not answer", prepare: service => service.Blue.SuspendAsync(), look: false, code: Unreachable);

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_node_that_is_gone() => RefuseAsync(new ServiceShape(), "NodeUnreachable", "does not answer", prepare: service => service.Blue.KillAsync(), look: false, code: Unreachable);

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_wrong_password() => RefuseAsync(new ServiceShape { Accounts = true }, "LoginRefused", "refuses the account", code: AccessDenied, prepare: service => File.WriteAllTextAsync(service.PasswordFile(LiveService.Admin), "something else"));

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_password_file_that_is_missing() => RefuseAsync(
        new ServiceShape { Accounts = true },
        "PasswordFileUnreadable",
        "boss.password",
        code: null,
        prepare: service =>
        {
            File.Delete(service.PasswordFile(LiveService.Admin));
            return Task.CompletedTask;
        });

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_port_of_green_that_is_taken()
    {
        TcpListener? other = null;
        await RefuseAsync(
            new ServiceShape(),
            "GreenPortTaken",
            "Something listens on",
            prepare: service =>
            {
                other = new TcpListener(service.GreenAddress);
                other.Start();
                return Task.CompletedTask;
            });
        other?.Dispose();
    }

    [ServerFact("redis-7.0", "redis-8.0", "root")]
    public async Task A_disk_too_small_for_green()
    {
        await using var bed = new TestBed(output);
        var disk = bed.Own(await SmallDisk.MountAsync(bed.NewFolder("disk"), 24));
        await RefuseAsync(bed, new ServiceShape { GreenFolder = disk.Folder }, "NotEnoughDisk", "MiB of disk");
    }

    [ServerFact("redis-7.0", "redis-8.0", "root")]
    public async Task A_machine_with_too_little_memory_for_green()
    {
        await using var bed = new TestBed(output);
        var service = await StartAsync(bed, new ServiceShape());
        var before = await Untouched.LookAsync(service);
        var figures = Path.Combine(bed.Folder, "meminfo");
        await File.WriteAllTextAsync(figures, "MemTotal:       65536 kB\nMemFree:        20480 kB\nMemAvailable:   20480 kB\n");
        var program = Path.Combine(AppContext.BaseDirectory, "statefuldeploy.dll");
        var process = bed.Own(TestProcess.Start("unshare", ["-m", "sh", "-c", $"mount --bind {figures} /proc/meminfo && exec dotnet {program} upgrade {service.File} --yes"], service.Options()));
        var outcome = new CommandOutcome(await process.WaitForExitAsync(Soon), process.Output);
        Assert.Equal(("NotEnoughMemory", Refused), (outcome.ErrorId, outcome.ExitCode));
        await before.AssertAsync();
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_router_that_does_not_run() => RefuseAsync(new ServiceShape(), "GatewayUnreachable|RouterUnreachable", "gateway", code: null, gateway: false);

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_replica_that_the_file_does_not_name() => RefuseAsync(
        new ServiceShape(),
        "UndescribedReplica",
        "is not in the service file",
        prepare: async service => await service.Bed.StartReplicaAsync(service.Blue));

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task Roles_the_other_way_round() => RefuseAsync(
        new ServiceShape { Replicas = 1 },
        "RoleDiffers",
        "the service file says",
        edit: text => text.Replace("name: blue-1, endpoint", "name: x, endpoint", StringComparison.Ordinal).Replace("name: blue-2, endpoint", "name: blue-1, endpoint", StringComparison.Ordinal).Replace("name: x, endpoint", "name: blue-2, endpoint", StringComparison.Ordinal)
            .Replace("primary", "x", StringComparison.Ordinal).Replace("replica }", "primary }", StringComparison.Ordinal).Replace("x }", "replica }", StringComparison.Ordinal));

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_real_sentinel_that_watches_blue() => RefuseAsync(new ServiceShape { Replicas = 1 }, "SentinelWatches", "A Sentinel watches", prepare: WatchAsync, look: false);

    private static async Task WatchAsync(LiveService service)
    {
        var folder = service.Bed.NewFolder("sentinel");
        var file = Path.Combine(folder, "sentinel.conf");
        await File.WriteAllTextAsync(file, $"port {FreePort.Take()}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor blue 127.0.0.1 {service.Blue.Port} 1\nsentinel down-after-milliseconds blue 5000\n");
        service.Bed.Own(TestProcess.Start(ServerCatalog.Get("redis-7.0").Program, [file, "--sentinel"], service.Options()));
        await TestBed.WaitUntilAsync(async () => (await service.Blue.CallAsync("CLIENT", "LIST")).Contains("name=sentinel-", StringComparison.Ordinal), "the Sentinel watches blue", Soon);
    }

    private async Task RefuseAsync(
        ServiceShape shape,
        string errors,
        string said,
        string[]? options = null,
        int? code = Refused,
        Func<LiveService, Task>? prepare = null,
        Func<string, string>? edit = null,
        bool look = true,
        bool gateway = true)
    {
        await using var bed = new TestBed(output);
        await RefuseAsync(bed, shape, errors, said, options, code, prepare, edit, look, gateway);
    }

    private async Task RefuseAsync(
        TestBed bed,
        ServiceShape shape,
        string errors,
        string said,
        string[]? options = null,
        int? code = Refused,
        Func<LiveService, Task>? prepare = null,
        Func<string, string>? edit = null,
        bool look = true,
        bool gateway = true)
    {
        var service = await StartAsync(bed, shape, gateway);
        await (prepare?.Invoke(service) ?? Task.CompletedTask);
        await File.WriteAllTextAsync(service.File, (edit ?? (text => text))(await File.ReadAllTextAsync(service.File)));
        var before = look ? await Untouched.LookAsync(service) : null;
        var outcome = await OperatorProcess.RunAsync(service, Soon, ["upgrade", service.File, "--yes", .. options ?? []]);
        output.WriteLine(outcome.Output);
        Assert.Contains(outcome.ErrorId, errors.Split('|'));
        Assert.Contains(said, outcome.Output, StringComparison.Ordinal);
        Assert.Contains("what to do:", outcome.Output, StringComparison.Ordinal);
        Assert.True(code is null ? outcome.ExitCode is > 0 and < 20 : outcome.ExitCode == code, $"exit code {outcome.ExitCode}");
        await (before?.AssertAsync() ?? Task.CompletedTask);
    }

    private static async Task<LiveService> StartAsync(TestBed bed, ServiceShape shape, bool gateway = true)
    {
        var service = await LiveService.StartAsync(bed, shape);
        if (gateway)
        {
            await service.StartGatewayAsync();
        }

        return service;
    }
}
