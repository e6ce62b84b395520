using System.Runtime.CompilerServices;
using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Configuration;

/// <summary>The section of a service file that is about Azure.</summary>
public sealed class AzureSectionTests : IDisposable
{
    private const string Subscription = "6f1a2b3c-0000-4000-8000-0123456789ab";

    private readonly string _folder = Directory.CreateTempSubdirectory("azure-").FullName;

    [Fact]
    public void A_whole_section_is_read()
    {
        var service = Read($$"""
            azure:
              environment: hub
              endpoint: https://management.hub.example
              authority: https://login.hub.example
              audience: https://management.hub.example/id
              computeApiVersion: 2020-06-01
              subscription: {{Subscription}}
              resourceGroup: orders
              credential: { kind: managedIdentity, clientId: {{Subscription}} }
              machines: { local: vm-1, db2: vm-2 }
              detachPatience: 45m
              snapshotBeforeMove: true
            """);
        var azure = service.Azure!;
        Assert.Equal(("hub", "orders", TimeSpan.FromMinutes(45), true), (azure.Environment, azure.ResourceGroup, azure.DetachPatience, azure.SnapshotBeforeMove));
        Assert.Equal((AzureCredentialKind.ManagedIdentity, Subscription), (azure.Credential.Kind, azure.Credential.ClientId));
        Assert.Equal(new Dictionary<string, string> { ["local"] = "vm-1", ["db2"] = "vm-2" }, azure.Machines);
        var volume = Assert.Single(service.Volumes);
        Assert.Equal(("azure", "data-1", "ReadOnly", 3), (volume.Provider, volume.Disk, volume.Caching, volume.Slot));
    }

    [Theory]
    [InlineData("subscription: orders", "azure.subscription", "a GUID")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: ends.", "azure.resourceGroup", "resource group")]
    [InlineData("resourceGroup: g", "azure", "'subscription' is missing")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  environment: publik", "azure.environment", "Did you mean 'public'")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  environment: hub", "azure", "'endpoint' is missing")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  endpoint: https://x.example", "azure.endpoint", "belongs to a custom cloud")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  machines: { db3: vm }", "azure.machines.db3", "Did you mean 'db2'")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  machines: { local: vm, db2: vm }", "azure.machines.db2", "the same machine")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  credential: { kind: certificate }", "azure", "'tenant' is missing")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  credential: { kind: password }", "azure.credential.kind", "is not one of")]
    [InlineData("subscription: 6f1a2b3c-0000-4000-8000-0123456789ab\n  resourceGroup: g\n  secret: x", "azure.secret", "no key 'secret'")]
    public void What_is_wrong_is_told_with_file_line_and_key(string section, string key, string what)
    {
        var error = Assert.Throws<UpgradeException>(() => Read($"azure:\n  {section}"));
        Assert.Contains("orders.yaml:", error.Message, StringComparison.Ordinal);
        Assert.Equal(key, error.Target);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_is_right()
    {
        var service = Platform.Create().ReadService(ExamplePath());
        Assert.Equal("orders-vm-2", service.Azure!.Machines[service.Green.Shards[0].Primary.Host]);
        Assert.Equal("azure-load-balancer", service.Router.Kind);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string ExamplePath([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "examples", "azure.yaml"));

    private ServiceDescription Read(string azure)
    {
        var file = Path.Combine(_folder, "orders.yaml");
        File.WriteAllText(file, $$"""
            name: orders
            engine: redis
            version: "7.0"
            hosts: { db2: { ssh: db2 } }
            nodes:
              - { name: orders-1, endpoint: 10.0.0.4:6379 }
            router: { kind: azure-load-balancer, listen: 10.0.0.100:6379, settings: { loadBalancer: lb, pool: writer } }
            volumes:
              - { name: data, node: orders-1, uuid: 2f8d6f0e-5a9c-4d55-9a4c-0d9a6c1f7b21, filesystem: xfs, mountPoint: /srv/orders, provider: azure, disk: data-1, slot: 3, caching: ReadOnly }
            {{azure}}
            """);
        return Platform.Create().ReadService(file);
    }
}
