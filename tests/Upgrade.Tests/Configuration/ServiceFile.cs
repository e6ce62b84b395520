using StatefulDeploy.Composition.Configuration;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>A service file in a folder of its own.</summary>
internal sealed class ServiceFile : IDisposable
{
    public const string Minimal = """
        name: orders
        engine: redis
        version: "7.0"
        nodes:
          - { name: orders-1, endpoint: 127.0.0.1:7001, role: primary }
        router: { kind: gateway, listen: 127.0.0.1:6379 }

        """;

    public ServiceFile(string text)
    {
        Folder = Directory.CreateTempSubdirectory("sd-yaml-").FullName;
        FullName = Path.Combine(Folder, "orders.yaml");
        File.WriteAllText(FullName, text);
    }

    public string Folder { get; }

    public string FullName { get; }

    public static ServiceDescription Read(string text)
    {
        using var file = new ServiceFile(text);
        return file.Read();
    }

    /// <summary>The complaint about a file, its folder left out.</summary>
    public static UpgradeException Refuse(string text)
    {
        using var file = new ServiceFile(text);
        return Assert.Throws<UpgradeException>(() => file.Read());
    }

    public ServiceDescription Read() => ReadShard(string.Empty);

    public ServiceDescription ReadShard(string shard) => new ServiceReader(["garnet", "redis"], ["gateway", "pgbouncer"], ["device", "image", "command"]).Read(FullName + shard);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
