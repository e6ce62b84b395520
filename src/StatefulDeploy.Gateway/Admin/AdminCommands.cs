using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StatefulDeploy.Model;

namespace StatefulDeploy.Gateway.Admin;

/// <summary>What the admin socket understands.</summary>
internal sealed class AdminCommands(GatewayOptions options, GatewayServer server, RouteControl control, Action<bool> end)
{
    private readonly long _started = options.Clock.GetTimestamp();

    public long Epoch => server.Route.Epoch;

    /// <summary>The rehearsal that is played after the start.</summary>
    public Task<string?>? Rehearsing { get; set; }

    /// <summary>Runs one command.</summary>
    /// <exception cref="AdminException">It is refused, or failed.</exception>
    /// <exception cref="JsonException">The line is no JSON.</exception>
    public async Task<JsonObject> RunAsync(string line, CancellationToken cancellationToken)
    {
        if (JsonNode.Parse(line) is not JsonObject request)
            throw new AdminException("InvalidCommand", "A command is a JSON object.");

        return Text(request, "command") switch
        {
            "status" => Status(),
            "prepare" => await control.PrepareAsync(ReadEpoch(request), Target(request), Milliseconds(request, "timeoutMs", 5_000), cancellationToken),
            "hold" => await control.HoldAsync(ReadEpoch(request), ReadHold(request), cancellationToken),
            "reads" => await control.RouteReadsAsync(ReadEpoch(request), Target(request), cancellationToken),
            "switch" => await control.SwitchAsync(ReadEpoch(request), Target(request), cancellationToken),
            "release" => await control.ReleaseAsync(ReadEpoch(request), request.ContainsKey("target") ? Target(request) : null, cancellationToken),
            "drain" => End(gracefully: true),
            "stop" => End(gracefully: false),
            var other => throw new AdminException("UnknownCommand", $"'{other}' is no command. There are status, prepare, hold, reads, switch, release, drain and stop."),
        };
    }

    private static string Text(JsonObject request, string key) =>
        request[key]?.GetValue<string>() ?? throw new AdminException("InvalidCommand", $"'{key}' is missing.");

    private static NodeEndpoint Target(JsonObject request) => NodeEndpoint.Parse(Text(request, "target"));

    private static long ReadEpoch(JsonObject request) =>
        request["epoch"]?.GetValue<long>() ?? throw new AdminException("InvalidCommand", "'epoch' is missing.");

    private static long Number(JsonObject request, string key, long otherwise)
    {
        var value = request[key]?.GetValue<long>() ?? otherwise;
        return value > 0 ? value : throw new AdminException("InvalidCommand", $"'{key}' must be more than 0.");
    }

    private static TimeSpan Milliseconds(JsonObject request, string key, long otherwise) => TimeSpan.FromMilliseconds(Number(request, key, otherwise));

    private static HoldRequest ReadHold(JsonObject request) => new(
        Number(request, "deadlineMs", 30_000),
        Number(request, "requestLimitMs", 10_000),
        Number(request, "maxBytes", 64L * 1024 * 1024),
        Number(request, "drainMs", 1_000),
        Number(request, "transactionGraceMs", 10));

    private JsonObject End(bool gracefully)
    {
        end(gracefully);
        return [];
    }

    private JsonObject Status()
    {
        var route = server.Route;
        var counters = server.Count();
        return new JsonObject
        {
            ["service"] = options.ServiceName,
            ["version"] = typeof(GatewayServer).Assembly.GetName().Version?.ToString(3),
            ["processId"] = Environment.ProcessId,
            ["uptimeMs"] = (long)options.Clock.GetElapsedTime(_started).TotalMilliseconds,
            ["listen"] = new JsonArray([.. server.Endpoints.Select(endpoint => (JsonNode)endpoint.ToString())]),
            ["target"] = route.Target.ToString(),
            ["readTarget"] = route.Current.ToString(),
            ["preparedTarget"] = route.Prepared?.ToString(),
            ["phase"] = route.Phase.ToString().ToLower(CultureInfo.InvariantCulture),
            ["holdLeftMs"] = control.HoldLeftMs,
            ["holdsExpired"] = control.Expired,
            ["controlError"] = control.ControlError,
            ["rehearsed"] = Rehearsing is { IsCompletedSuccessfully: true, Result: null },
            ["rehearsalError"] = Rehearsing is { IsCompletedSuccessfully: true } done ? done.Result : null,
            ["faults"] = server.Faults,
            ["lastFault"] = server.LastFault,
            ["sessions"] = server.SessionCount,
            ["heldRequests"] = server.Budget.Requests,
            ["heldBytes"] = server.Budget.Bytes,
            ["counters"] = new JsonObject
            {
                ["accepted"] = server.Accepted,
                ["requests"] = counters.Reads + counters.Writes,
                ["reads"] = counters.Reads,
                ["writes"] = counters.Writes,
                ["held"] = counters.Held,
                ["rejected"] = counters.Rejected,
                ["lostAnswers"] = counters.LostAnswers,
                ["reconnects"] = counters.Reconnects,
                ["moves"] = counters.Moves,
                ["askedAgain"] = counters.AskedAgain,
                ["bytesFromClients"] = counters.BytesFromClients,
                ["bytesToClients"] = counters.BytesToClients,
                ["scriptsForgotten"] = server.Scripts.IsFull,
            },
        };
    }
}
