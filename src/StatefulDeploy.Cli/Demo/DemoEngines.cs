using StatefulDeploy.Cli.Demo.Engines;

namespace StatefulDeploy.Cli.Demo;

/// <summary>The engines that have a demo; the first needs nothing but the .NET SDK.</summary>
internal static class DemoEngines
{
    public static IReadOnlyList<IDemoEngine> All { get; } = [new GarnetDemo(), new RedisDemo(), new PostgresDemo()];
}
