using System.Collections.Concurrent;
using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Verification;

/// <summary>A service with a blue and a green that no server stands behind, in a folder of its own; what suites and notifications need.</summary>
internal sealed class Scene : IReporter, ISecrets, IDisposable
{
    public const string Password = "s3cret-pa55";

    public string Folder { get; } = Directory.CreateTempSubdirectory("sd-verify-").FullName;

    public ConcurrentQueue<ReportEvent> Told { get; } = new();

    public EngineContext Context(params SuiteDescription[] suites) => new()
    {
        Service = new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(Folder, "orders.yaml"),
            Engine = "redis",
            Blue = Layout(ClusterColour.Blue, "7.0", 7001),
            Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", 6379), Path.Combine(Folder, "gateway.sock"), new Dictionary<string, string>()),
            Client = new CredentialDescription("app", PasswordFile: null, "IGNORED"),
            Suites = suites,
            StateDirectory = Path.Combine(Folder, "state"),
            GuardDirectory = Path.Combine(Folder, "guard"),
        },
        Source = Layout(ClusterColour.Blue, "7.0", 7001),
        Target = Layout(ClusterColour.Green, "8.0", 7101),
        UpgradeId = "orders-1",
        Hosts = new LocalHosts(),
        Secrets = this,
        OwnProgram = new OwnProgram(),
        Reporter = this,
    };

    public static ClusterLayout Layout(ClusterColour colour, string version, int port) => new(colour, version,
        [new Shard("main", [new Node { Name = $"{colour}-1", Endpoint = new NodeEndpoint("127.0.0.1", port), Version = version, Colour = colour }])]);

    public string Script(string name, string body)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Report(ReportEvent reportEvent) => Told.Enqueue(reportEvent);

    public string? Resolve(CredentialDescription? credential) => credential is null ? null : Password;

    public string GetOrCreate(string name) => throw new NotSupportedException();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
