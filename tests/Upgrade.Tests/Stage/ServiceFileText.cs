using System.Text;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>Writes the service file of a live service.</summary>
internal static class ServiceFileText
{
    public static string Of(LiveService service)
    {
        var shape = service.Shape;
        var text = new StringBuilder();
        text.AppendLine($"name: {service.Name}");
        text.AppendLine($"engine: {shape.Engine}");
        text.AppendLine($"version: \"{ServiceShape.VersionOf(shape.From)}\"");
        text.AppendLine($"dataClass: {(shape.GreenNodes > 1 ? "hot" : "cold")}");
        text.AppendLine("dataClasses:");
        text.AppendLine("  hot: { hotReplicas: 1, coldCopies: 1, retention: 1d }");
        text.AppendLine("  cold: { hotReplicas: 0, coldCopies: 1, retention: 1d }");
        text.AppendLine("nodes:");
        Nodes(text, "  ", "blue", "127.0.0.1", [service.Link?.Port ?? service.Blue.Port, .. service.Replicas.Select(replica => replica.Port)], BlueSettings(service));
        text.AppendLine("green:");
        text.AppendLine($"  version: \"{ServiceShape.VersionOf(shape.To)}\"");
        text.AppendLine($"  dataRoot: {service.GreenFolder}");
        text.AppendLine("  nodes:");
        Nodes(text, "    ", "green", shape.GreenAddress, service.GreenPorts);
        Settings(text, "  ", shape.GreenSettings);
        text.AppendLine($"router: {{ kind: gateway, listen: 127.0.0.1:{service.RouterPort}, admin: {service.AdminSocket} }}");
        Software(text, shape);
        Accounts(text, service);
        text.AppendLine($"limits: {{ windowDeadline: {Milliseconds(shape.WindowDeadline)}, holdLimit: {Milliseconds(shape.HoldLimit)}, transactionGrace: 500ms, soak: 1s, answer: 5s, catchUpDeadline: {Milliseconds(shape.CatchUpDeadline)} }}");
        text.AppendLine($"state: {service.StateFolder}");
        text.AppendLine($"guard: {service.GuardFolder}");
        text.AppendLine(shape.MoreYaml);
        return text.ToString();
    }

    private static string BlueSettings(LiveService service) => service.Shape.Engine == "garnet"
        ? $", dataDirectory: {service.Blue.Folder}/data"
        : string.Empty;

    private static void Nodes(StringBuilder text, string indent, string colour, string address, IReadOnlyList<int> ports, string settings = "")
    {
        for (var i = 0; i < ports.Count; i++)
        {
            text.AppendLine($"{indent}- {{ name: {colour}-{i + 1}, endpoint: \"{address}:{ports[i]}\", role: {(i == 0 ? "primary" : "replica")}{settings} }}");
        }
    }

    private static void Software(StringBuilder text, ServiceShape shape)
    {
        text.AppendLine("software:");
        foreach (var server in new[] { shape.From, shape.To }.Distinct())
        {
            text.AppendLine($"  \"{ServiceShape.VersionOf(server)}\": {{ server: {Harness.Servers.ServerCatalog.Get(server).Program} }}");
        }
    }

    private static void Accounts(StringBuilder text, LiveService service)
    {
        if (service.Shape.Accounts)
        {
            text.AppendLine($"admin: {{ user: {LiveService.Admin}, passwordFile: {service.PasswordFile(LiveService.Admin)} }}");
            text.AppendLine($"client: {{ user: {LiveService.Client}, passwordFile: {service.PasswordFile(LiveService.Client)} }}");
        }
    }

    private static void Settings(StringBuilder text, string indent, IReadOnlyDictionary<string, string> settings)
    {
        if (settings.Count > 0)
        {
            text.AppendLine($"{indent}settings:");
            foreach (var (name, value) in settings)
            {
                text.AppendLine($"{indent}  {name}: \"{value}\"");
            }
        }
    }

    private static string Milliseconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalMilliseconds:0}ms");
}
