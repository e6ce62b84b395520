using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A blue cluster of real servers behind the gateway, described by a service file: what an operator upgrades.</summary>
internal sealed class LiveService : ILiveService
{
    public const string Admin = "boss";
    public const string Client = "app";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly List<RespServer> _replicas = [];
    private TestProcess? _gateway;

    private LiveService(TestBed bed, ServiceShape shape)
    {
        Bed = bed;
        Shape = shape;
        GreenPorts = [.. Enumerable.Range(0, shape.GreenNodes).Select(_ => FreePort.Take(shape.Engine == "garnet" ? 10000 : 0))];
        RouterPort = FreePort.Take();
        GreenFolder = shape.GreenFolder ?? bed.NewFolder("green");
        Environment.SetEnvironmentVariable(ProductProcess.Mark, bed.Folder);
        bed.Own(new LeftOvers(bed.Folder));
    }

    public TestBed Bed { get; }

    public ServiceShape Shape { get; }

    /// <summary>Unique, so that nothing outside the test's folder is shared with another service.</summary>
    public string Name { get; } = $"t{Guid.NewGuid():N}"[..12];

    public RespServer Blue { get; private set; } = null!;

    /// <summary>The line over which green and the product reach blue; null where they reach it directly.</summary>
    public ReplicationLink? Link { get; private set; }

    public IReadOnlyList<RespServer> Replicas => _replicas;

    public IReadOnlyList<int> GreenPorts { get; }

    public int RouterPort { get; }

    public string GreenFolder { get; }

    public string StateFolder => Path.Combine(Bed.Folder, "state");

    public string GuardFolder => Path.Combine(Bed.Folder, "guard");

    public string AdminSocket => Path.Combine(Bed.Folder, "gw.sock");

    public string File => Path.Combine(Bed.Folder, "service.yaml");

    public string? ClientPassword => Shape.Accounts ? "client-secret-1" : null;

    public string? AdminPassword => Shape.Accounts ? "admin-secret-1" : null;

    /// <summary>The service as its clients reach it.</summary>
    public RedisLedgerEndpoint Router => EndpointAt(new IPEndPoint(IPAddress.Loopback, RouterPort));

    public IPEndPoint GreenAddress => new(IPAddress.Parse(Shape.GreenAddress), GreenPorts[0]);

    public static async Task<LiveService> StartAsync(TestBed bed, ServiceShape shape)
    {
        var service = new LiveService(bed, shape);
        service.WritePasswords();
        await service.StartBlueAsync();
        service.Link = shape.BehindLink ? bed.Own(new ReplicationLink(service.Blue.EndPoint)) : null;
        System.IO.File.WriteAllText(service.File, ServiceFileText.Of(service));
        if (shape.Engine == "garnet")
        {
            await GarnetBlue.BringUpAsync(service);
        }

        return service;
    }

    /// <summary>Starts the gateway, and again after it was killed.</summary>
    public async Task StartGatewayAsync()
    {
        _gateway = Bed.StartDotnet("statefuldeploy", Options(), "gateway", File);
        await TestBed.WaitUntilAsync(IsRouterOpenAsync, "the gateway listens", Soon);
    }

    public TestProcess Gateway => _gateway ?? throw new InvalidOperationException("The gateway was not started.");

    /// <summary>One server as the account of the service's clients.</summary>
    public RedisLedgerEndpoint EndpointAt(IPEndPoint server) => new(new RedisLedgerOptions
    {
        Servers = [server],
        User = Shape.Accounts ? Client : null,
        Password = ClientPassword,
        Database = Shape.Database,
    });

    /// <summary>The file with the password of a user.</summary>
    public string PasswordFile(string user) => Path.Combine(Bed.Folder, user + ".password");

    /// <summary>The environment of the processes of this service.</summary>
    public ProcessOptions Options(IReadOnlyDictionary<string, string?>? more = null)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { [ProductProcess.Mark] = Bed.Folder };
        foreach (var (name, value) in more ?? environment)
        {
            environment[name] = value;
        }

        return new ProcessOptions { WorkingDirectory = Bed.Folder, Environment = environment };
    }

    /// <summary>Sends one command to a server as the administrator, past the router.</summary>
    /// <returns>The answer as text; an array has a line an element.</returns>
    public Task<string> AskAsync(IPEndPoint server, params string[] arguments) => AskInAsync(server, 0, arguments);

    /// <summary>As <see cref="AskAsync"/>, in a database.</summary>
    public async Task<string> AskInAsync(IPEndPoint server, int database, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(Soon);
        using var socket = await PastRouterClient.To(server, Shape.Accounts ? Admin : null, AdminPassword)(deadline.Token);
        if (database != 0)
        {
            socket.Request("SELECT", database.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await socket.SendAsync(deadline.Token);
            await socket.ReadAsync(deadline.Token);
        }

        socket.Request(arguments);
        await socket.SendAsync(deadline.Token);
        return Words(await socket.ReadAsync(deadline.Token));
    }

    private async Task StartBlueAsync()
    {
        var accounts = Shape.Accounts
            ? new[]
            {
                "user default off", $"user {Admin} on >{AdminPassword} ~* &* +@all", $"user {Client} on >{ClientPassword} ~* &* +@all -@admin -@dangerous",
                $"masteruser {Admin}", $"masterauth {AdminPassword}",
            }
            : [];
        Blue = await StartServerAsync([.. Shape.BlueSettings, .. accounts]);
        for (var i = 0; i < Shape.Replicas; i++)
        {
            var replica = await StartServerAsync([.. Shape.BlueSettings, .. accounts, $"replicaof 127.0.0.1 {Blue.Port}"]);
            _replicas.Add(replica);
            await TestBed.WaitUntilAsync(async () => await replica.InfoAsync("master_link_status") == "up", "blue's replica follows", Soon);
        }
    }

    private async Task<RespServer> StartServerAsync(string[] settings)
    {
        if (Shape.Engine == "garnet")
        {
            return GarnetBlue.Plan(Bed, Shape.From);
        }

        var server = await Bed.StartRedisAsync(Shape.From, settings);
        server.User = Shape.Accounts ? Admin : null;
        server.Password = AdminPassword;
        return server;
    }

    private static string Words(RespReply reply) => reply.Items is null ? reply.Text : string.Join('\n', reply.Items.Select(Words));

    private void WritePasswords()
    {
        foreach (var (user, password) in new[] { (Admin, AdminPassword), (Client, ClientPassword) })
        {
            if (password is not null)
            {
                System.IO.File.WriteAllText(PasswordFile(user), password);
                System.IO.File.SetUnixFileMode(PasswordFile(user), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    private async Task<bool> IsRouterOpenAsync()
    {
        Assert.False(_gateway!.HasExited, $"The gateway ended:\n{_gateway.Output}");
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var socket = await PastRouterClient.To(new IPEndPoint(IPAddress.Loopback, RouterPort), Shape.Accounts ? Client : null, ClientPassword)(deadline.Token);
            socket.Request("PING");
            await socket.SendAsync(deadline.Token);
            return (await socket.ReadAsync(deadline.Token)).Type != RespType.Error;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
