using System.Globalization;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo;

/// <summary>Writes the service file of a demo. Every key but the folders is what a person would write.</summary>
internal sealed class DemoFile(IDemoEngine engine, DemoPlace place, IReadOnlyDictionary<string, string> software, IHost host)
{
    /// <summary>Describes a service of one node, or of so many shards of one.</summary>
    public async Task<string> DescribeAsync(int shards, CancellationToken cancellationToken) => shards == 1
        ? await OneAsync(cancellationToken)
        : await SeveralAsync(shards, cancellationToken);

    private async Task<string> OneAsync(CancellationToken cancellationToken)
    {
        var blue = await place.FreeEndpointAsync(host, cancellationToken);
        var router = await place.FreeEndpointAsync(host, cancellationToken);
        var green = await place.FreeEndpointAsync(host, cancellationToken);
        return Whole($$"""
            nodes:
              - {{Blue("orders-1", blue)}}
            {{engine.Router(place, router, "gateway")}}
            green: { version: "{{engine.To}}", dataRoot: ./green, basePort: {{green.Port.ToString(CultureInfo.InvariantCulture)}} }

            """);
    }

    private async Task<string> SeveralAsync(int shards, CancellationToken cancellationToken)
    {
        var blue = new StringBuilder("shards:\n");
        var green = new StringBuilder($"green:\n  version: \"{engine.To}\"\n  dataRoot: ./green\n  shards:\n");
        foreach (var name in Enumerable.Range(0, shards).Select(number => ((char)('a' + number)).ToString()))
        {
            blue.AppendLine($"  - name: {name}");
            blue.AppendLine($"    nodes: [{Blue($"orders-{name}", await place.FreeEndpointAsync(host, cancellationToken))}]");
            blue.AppendLine($"    {engine.Router(place, await place.FreeEndpointAsync(host, cancellationToken), name)}");
            green.AppendLine($"    - {{ name: {name}, nodes: [{{ name: green-{name}, endpoint: \"{await place.FreeEndpointAsync(host, cancellationToken)}\" }}] }}");
        }

        return Whole($"{blue}{green}");
    }

    private static string Blue(string name, NodeEndpoint endpoint) => $$"""{ name: {{name}}, endpoint: "{{endpoint}}", dataDirectory: ./blue/{{name}}, configFile: ./blue/{{name}}/server.conf }""";

    private string Whole(string clusters) => $$"""
        name: demo-{{engine.Name}}
        engine: {{engine.Name}}
        version: "{{engine.From}}"
        {{clusters.TrimEnd()}}
        software:
        {{string.Join('\n', software.Select(program => $"  \"{program.Key}\": {{ server: {program.Value} }}"))}}
        limits: { soak: 1s }
        state: ./state
        guard: ./guard

        """;
}
