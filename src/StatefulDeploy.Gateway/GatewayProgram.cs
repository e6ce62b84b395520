using System.Text.Json;
using System.Text.Json.Nodes;
using StatefulDeploy.Contracts;
using StatefulDeploy.Gateway.Admin;
using StatefulDeploy.Gateway.Rehearsal;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Gateway;

/// <summary>The gateway as a program: what <c>statefuldeploy gateway</c> runs.</summary>
public static class GatewayProgram
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(10);

    // Time for the admin to get its answer before the socket closes.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// What the environment of the process should hold: it lets a request be forwarded by the thread that received it.
    /// Where the process has used no socket before, <see cref="RunAsync"/> sees to it itself.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { [InlineCompletions] = "1" };

    /// <summary>Runs a gateway until it is cancelled, or told to stop by its admin. Prints one line of JSON when it listens.</summary>
    /// <param name="options">What it needs.</param>
    /// <param name="cancellationToken">Ends it, after the answers in flight.</param>
    /// <returns>0.</returns>
    /// <exception cref="UpgradeException">It cannot start: a port is taken, the state is damaged or in use, or the admin socket cannot be made.</exception>
    public static async Task<int> RunAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        var inherited = System.Environment.GetEnvironmentVariable(InlineCompletions);
        System.Environment.SetEnvironmentVariable(InlineCompletions, "1");
        try
        {
            await OwnAndServeAsync(options, inherited, cancellationToken);
        }
        finally
        {
            System.Environment.SetEnvironmentVariable(InlineCompletions, inherited);
        }

        return 0;
    }

    private static async Task OwnAndServeAsync(GatewayOptions options, string? inherited, CancellationToken cancellationToken)
    {
        DurableFile.CreateFolder(options.StateDirectory);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(options.StateDirectory, DurableFile.OwnerOnlyFolder);
        using var ownership = Own(options.StateDirectory);
        using var store = new RouteStore(options.StateDirectory);
        var route = store.Load();
        if (route is null)
        {
            route = new Route { Target = options.Target };
            store.Save(route);
        }

        await ServeAsync(options, store, route, inherited, cancellationToken);
    }

    private static async Task ServeAsync(GatewayOptions options, RouteStore store, Route route, string? inherited, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var gracefully = true;
        await using var control = new ControlChannel(options);
        await using var server = new GatewayServer(options, route);
        await using var routes = new RouteControl(server, store, control, options.Clock);
        var commands = new AdminCommands(options, server, routes, drain =>
        {
            gracefully = drain;
            ending.CancelAfter(AnswerWithin);
        });
        await using var admin = new AdminServer(options.AdminSocketPath, commands);
        routes.Resume();
        server.Listen();
        admin.Listen();

        // It has been read by now. A server started by this process must not get it: a Garnet stands still with it when a client waits in BLPOP.
        System.Environment.SetEnvironmentVariable(InlineCompletions, inherited);
        (options.Output ?? Console.Out).WriteLine(Ready(options, server));
        commands.Rehearsing = new SwitchRehearsal(options).RunAsync(ending.Token);
        await WaitAsync(ending.Token);
        await commands.Rehearsing;
        server.StopListening();
        if (gracefully)
            await DrainAsync(server, options.Clock);
    }

    private static FileStream Own(string folder)
    {
        var path = Path.Combine(folder, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new UpgradeException(
                "GatewayStateInUse",
                $"The state folder '{folder}' is in use by another gateway.",
                "Stop that one first, or give another folder.",
                FailureCategory.Busy,
                exception) { Target = folder };
        }
    }

    private static string Ready(GatewayOptions options, GatewayServer server) => new JsonObject
    {
        ["ready"] = true,
        ["service"] = options.ServiceName,
        ["processId"] = System.Environment.ProcessId,
        ["listen"] = new JsonArray([.. server.Endpoints.Select(endpoint => (JsonNode)endpoint.ToString())]),
        ["admin"] = options.AdminSocketPath,
        ["target"] = server.Route.Target.ToString(),
        ["phase"] = JsonNamingPolicy.CamelCase.ConvertName(server.Route.Phase.ToString()),
        ["epoch"] = server.Route.Epoch,
    }.ToJsonString();

    private static async Task WaitAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(ended.SetResult))
            await ended.Task;
    }

    private static async Task DrainAsync(GatewayServer server, TimeProvider clock)
    {
        using var deadline = new CancellationTokenSource(DrainWithin, clock);
        try
        {
            await server.WaitIdleAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // Somebody waits longer than we do: a blocking command, or a client that does not read.
        }
    }
}
