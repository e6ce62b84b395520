using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Hardware;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Azure.Tests.EndToEnd;

/// <summary>Green's machine is made by the real command line, boots, gets its server over ssh, follows blue, and goes again: through Resource Manager and a real sshd.</summary>
public sealed class GreenMachineUpgradeTests(ITestOutputHelper output)
{
    private const int BluePort = 7001;
    private const int GreenPort = 7002;
    private const int RouterPort = 6379;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    [AzureFact("fleet", "redis-7.0", "redis-8.0")]
    public async Task Green_gets_a_machine_that_follows_blue_and_an_undo_removes_that_machine_alone()
    {
        await using var bed = new TestBed(output);
        var stage = await StageAsync(bed);
        var (code, said) = await stage.RunAsync("plan", "/srv/service.yaml");
        Assert.True(code == 0, said);

        (code, said) = await stage.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "replicate", "--verbose");
        Assert.True(code == 0, said);
        await TestBed.WaitUntilAsync(stage.IsFollowedAsync, "green follows", Patience);
        Assert.Contains(ServerCatalog.Get("redis-8.0").Program, await stage.Fleet["green"].RunAsync("pgrep", "-fa", "redis-server"), StringComparison.Ordinal);
        var green = (await stage.Azure.GetAsync(AzureStage.Machine("green")))!;
        Assert.Equal("orders", green["tags"]!["statefuldeploy-service"]!.GetValue<string>());

        (code, said) = await stage.RunAsync("undo", "/srv/service.yaml", "--yes", "--verbose");
        Assert.True(code == 0, said);
        Assert.Null(await stage.Azure.GetAsync(AzureStage.Machine("green")));
        Assert.Null(await stage.Azure.GetAsync("Microsoft.Network/networkInterfaces/green-nic"));
        Assert.NotNull(await stage.Azure.GetAsync(AzureStage.Machine("blue")));
        Assert.NotNull(await stage.Azure.GetAsync(AzureStage.Machine("stranger")));
        Assert.NotEqual(0, (await stage.Fleet["green"].TryRunAsync("true")).ExitCode);
        await stage.Simulator.IdleAsync();
        stage.Simulator.Verify();
    }

    [AzureFact("fleet", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_run_that_is_killed_while_its_machine_is_made_goes_on_with_that_machine()
    {
        await using var bed = new TestBed(output);
        var stage = await StageAsync(bed);
        stage.Simulator.Faults.Inject(new Fault(FaultName.SlowOperation) { Resource = "green", For = TimeSpan.FromSeconds(8) });
        var killed = stage.Start("upgrade", "/srv/service.yaml", "--yes", "--through", "replicate");
        await killed.WaitUntilAsync(() => File.Exists(Path.Combine(stage.Home.Disk, "state/azure/service.green.operation.json")), "the machine is being made", Patience);
        await killed.KillAsync();

        // Whoever comes first: the keeper, or this one when the keeper has not begun yet.
        await TestBed.WaitUntilAsync(async () => (await stage.RunAsync("resume", "/srv/service.yaml")).ExitCode == 0 && await stage.IsFollowedAsync(), "green follows", Patience);
        Assert.Single(stage.Simulator.Requests, request => request.Operation == "VirtualMachines_CreateOrUpdate" && request.Path.EndsWith("/green", StringComparison.Ordinal));
    }

    private static async Task<Stage> StageAsync(TestBed bed)
    {
        var fleet = await bed.StartFleetAsync("blue", "green");
        var hardware = bed.Own(new FleetHardware(bed.NewFolder("copies")));
        var simulator = bed.Own(await AzureSimulator.StartAsync(new AzureOptions { Hardware = hardware, Address = IPAddress.Parse(fleet.OurAddress) }));
        foreach (var machine in fleet.Machines)
            await hardware.BindAsync(machine.Name, machine);

        // It is bought later.
        await hardware.PowerAsync("green", on: false);
        var azure = simulator.Caller("service");
        await azure.MakeGroupAsync();
        await azure.MakeMachineAsync("blue");
        await azure.MakeMachineAsync("stranger");
        var stage = new Stage(bed, fleet, simulator, azure);
        await stage.StartBlueAsync();
        return stage;
    }

    private sealed class Stage(TestBed bed, TestFleet fleet, AzureSimulator simulator, AzureCaller azure)
    {
        public TestFleet Fleet => fleet;

        public TestMachine Home => fleet["blue"];

        public AzureSimulator Simulator => simulator;

        public AzureCaller Azure => azure;

        public async Task StartBlueAsync()
        {
            await Home.RunAsync("mkdir", "-p", "/srv/blue");
            await File.WriteAllTextAsync(Path.Combine(Home.Disk, "blue/redis.conf"), $"bind {Home.Address} 127.0.0.1\nport {BluePort}\nprotected-mode no\ndir /srv/blue\nrepl-diskless-sync-delay 0\n");
            bed.Own(Home.Start(ServerCatalog.Get("redis-7.0").Program, "/srv/blue/redis.conf"));
            await TestBed.WaitUntilAsync(async () => (await Home.TryRunAsync("redis-cli", "-h", Home.Address, "-p", $"{BluePort}", "SET", "kept", "1")).Output == "OK", "blue answers", Patience);
            await File.WriteAllTextAsync(Path.Combine(Home.Disk, "authority.pem"), simulator.AuthorityPem);
            await File.WriteAllTextAsync(Path.Combine(Home.Disk, "identity.pem"), Identity());
            await File.WriteAllTextAsync(Path.Combine(Home.Disk, "service.yaml"), Text());
            Start("gateway", "/srv/service.yaml");
            await TestBed.WaitUntilAsync(async () => (await Home.TryRunAsync("redis-cli", "-h", Home.Address, "-p", $"{RouterPort}", "PING")).Output == "PONG", "the gateway listens", Patience);
        }

        public TestProcess Start(params string[] arguments) => bed.Own(Home.StartDotnet(new ProcessOptions { WorkingDirectory = "/srv" }, "statefuldeploy", arguments));

        public async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
        {
            var process = Start(arguments);
            var code = await process.WaitForExitAsync(Patience);
            return (code, process.Output);
        }

        /// <summary>Whether blue has green as a replica that has all of its data.</summary>
        public async Task<bool> IsFollowedAsync() =>
            (await Home.RunAsync("redis-cli", "-h", Home.Address, "-p", $"{BluePort}", "INFO", "replication")).Contains($"ip={fleet["green"].Address},port={GreenPort},state=online", StringComparison.Ordinal);

        private string Text()
        {
            var address = simulator.Endpoint.ToString().TrimEnd('/');
            return $$"""
                name: orders
                engine: redis
                version: "7.0"
                dataClass: none
                dataClasses:
                  none: { hotReplicas: 0, coldCopies: 1, retention: 1d }
                hosts:
                  new: { ssh: green, config: {{fleet.SshConfig}} }
                nodes:
                  - { name: orders-1, endpoint: "{{Home.Address}}:{{BluePort}}" }
                green:
                  version: "8.0"
                  nodes:
                    - { name: orders-2, endpoint: "{{fleet["green"].Address}}:{{GreenPort}}", host: new, dataDirectory: /srv/orders }
                router: { kind: gateway, listen: "{{Home.Address}}:{{RouterPort}}", admin: /srv/gw.sock }
                software:
                  "8.0": { server: {{ServerCatalog.Get("redis-8.0").Program}} }
                azure:
                  environment: simulated
                  endpoint: {{address}}
                  authority: {{address}}
                  audience: {{address}}
                  caFile: /srv/authority.pem
                  tenant: {{AzureSimulator.Tenant}}
                  subscription: {{AzureSimulator.Subscription}}
                  resourceGroup: service
                  computeApiVersion: 2024-03-01
                  credential: { kind: certificate, clientId: {{AzureSimulator.Principal}}, certificateFile: /srv/identity.pem }
                  machines: { local: blue, new: green }
                  green: { size: Standard_D4s_v5 }
                state: /srv/state
                guard: /srv/guard
                """;
        }

        private static string Identity()
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
            return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
        }
    }
}
