using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Hosts.OpenSsh;

namespace StatefulDeploy.Cli.Demo.Fleet;

/// <summary>The service of a demo on a fleet: a writer on this machine and two replicas on others, each with its data on a disk of its own, and three machines for green that have none.</summary>
internal static class FleetDescription
{
    private const int Nodes = 3;
    private const int BluePort = 7001;
    private const int GreenPort = 7002;
    private const int RouterPort = 6379;

    /// <summary>Makes machines and disks, and describes the service.</summary>
    public static async Task<string> MakeAsync(IDemoEngine engine, DemoPlace place, IReadOnlyDictionary<string, string> software, CancellationToken cancellationToken)
    {
        var host = new LocalHost();
        var fleet = new DemoFleet(host, place.Folder);
        place.Own(fleet);
        await fleet.StartAsync([.. Enumerable.Range(1, Nodes).Select(node => $"old-{node}").Skip(1), .. Enumerable.Range(1, Nodes).Select(node => $"new-{node}")], cancellationToken);
        var uuids = new List<string>();
        for (var node = 1; node <= Nodes; node++)
            uuids.Add(await fleet.MakeDiskAsync(ImageOf(place, node), HostOf(node), MountOf(place, node), cancellationToken));
        return Describe(engine, place, software, fleet.SshConfig, uuids);

        IHost HostOf(int node) => node == 1 ? host : new OpenSshHost(new SshHostOptions { Name = OldHost(node), Destination = OldHost(node), ConfigFile = fleet.SshConfig });
    }

    private static string Describe(IDemoEngine engine, DemoPlace place, IReadOnlyDictionary<string, string> software, string ssh, IReadOnlyList<string> uuids) => $$"""
        name: demo-{{engine.Name}}
        engine: {{engine.Name}}
        version: "{{engine.From}}"
        hosts:
        {{Lines([2, 3], node => $"  old-{node}: {{ ssh: old-{node}, config: {ssh} }}")}}
        {{Lines([1, 2, 3], node => $"  new-{node}: {{ ssh: new-{node}, config: {ssh} }}")}}
        nodes:
        {{Lines([1, 2, 3], node => $"  - {{ name: orders-{node}, endpoint: \"{OldAddress(node)}:{BluePort}\", host: {OldHost(node)}, role: {(node == 1 ? "primary" : "replica")}, dataDirectory: {MountOf(place, node)}, configFile: ./blue/orders-{node}.conf }}")}}
        green:
          version: "{{engine.To}}"
          nodes:
        {{Lines([2, 3, 1], node => $"    - {{ name: green-{node}, endpoint: \"{NewAddress(node)}:{GreenPort}\", host: new-{node}, role: {(node == 2 ? "primary" : "replica")}, volume: data-{node}, dataDirectory: ./green/green-{node} }}")}}
        volumes:
        {{Lines([1, 2, 3], node => $"  - {{ name: data-{node}, node: orders-{node}, uuid: {uuids[node - 1]}, filesystem: xfs, mountPoint: {MountOf(place, node)}, provider: image, image: {ImageOf(place, node)} }}")}}
        router: { kind: gateway, listen: "{{DemoFleet.OurAddress}}:{{RouterPort.ToString(CultureInfo.InvariantCulture)}}", admin: ./run/gateway.sock }
        software:
        {{string.Join('\n', software.Select(program => $"  \"{program.Key}\": {{ server: {program.Value} }}"))}}
        limits: { soak: 1s }
        state: ./state
        guard: ./guard

        """;

    private static string OldHost(int node) => node == 1 ? "local" : string.Create(CultureInfo.InvariantCulture, $"old-{node}");

    private static string OldAddress(int node) => DemoFleet.AddressOf(node);

    private static string NewAddress(int node) => DemoFleet.AddressOf(Nodes + node);

    private static string ImageOf(DemoPlace place, int node) => place.PathOf(string.Create(CultureInfo.InvariantCulture, $"disks/data-{node}.img"));

    private static string MountOf(DemoPlace place, int node) => place.PathOf(string.Create(CultureInfo.InvariantCulture, $"volumes/data-{node}"));

    private static string Lines(int[] nodes, Func<int, string> line) => string.Join('\n', nodes.Select(line));
}
