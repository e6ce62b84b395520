using System.Text.Json.Nodes;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.Gateway;

/// <summary>Our own gateway as the router of a service, driven over its admin socket.</summary>
public sealed class GatewayRouter : IRouter
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    // The gateway gives its sessions five seconds of their own to get ready.
    private static readonly TimeSpan PrepareWithin = TimeSpan.FromSeconds(15);

    private const int RehearsalRounds = 2;

    private readonly RouterDescription _description;
    private readonly GatewayAdminClient _admin;

    /// <summary>Makes the router; it connects to the gateway with the first call.</summary>
    /// <param name="description">The router as described: its admin address is the path of the gateway's admin socket.</param>
    /// <param name="clock">The clock for deadlines.</param>
    public GatewayRouter(RouterDescription description, TimeProvider? clock = null)
    {
        _description = description;
        _admin = new GatewayAdminClient(description.Admin, clock);
    }

    /// <inheritdoc/>
    public string Kind => "gateway";

    /// <inheritdoc/>
    public RouterPromise Promise { get; } = new(
        KeepsConnections: true,
        ReadsGoOn: true,
        HoldsWrites: true,
        ExpectedGap: TimeSpan.FromMilliseconds(27),
        "Reads of a client whose own write is held wait behind it. Transactions that WATCH keys across the switch are aborted (EXEC answers nil). "
        + "Connections that use CLIENT TRACKING with REDIRECT are closed. A gateway that is killed drops its connections and comes back as it was.");

    /// <inheritdoc/>
    public async Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        ReadStatus(await _admin.SendAsync("status", [], AnswerWithin, cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        if (context.Source.Shards.Count != 1)
        {
            return [Finding.Refuse(
                "GatewayOneShard",
                _description.Listen.ToString(),
                $"A gateway stands before one writer, and the service has {context.Source.Shards.Count} shards.",
                "Describe each shard as a service of its own with its own gateway, or use another kind of router.")];
        }

        try
        {
            var answer = await _admin.SendAsync("status", [], AnswerWithin, cancellationToken);
            return Inspect(context, ReadStatus(answer), answer["controlError"]?.GetValue<string>());
        }
        catch (UpgradeException exception) when (exception.Category is FailureCategory.Unreachable or FailureCategory.Timeout)
        {
            return [Finding.Refuse("GatewayUnreachable", _description.Admin, exception.Message, exception.RecommendedAction)];
        }
    }

    /// <inheritdoc/>
    public async Task RehearseAsync(CancellationToken cancellationToken)
    {
        using var standIn = new GatewayStandIn();
        await using var stage = new GatewayRouter(_description with { Admin = standIn.Admin });
        var target = new RouterTargets(new Dictionary<string, NodeEndpoint>(StringComparer.Ordinal) { ["rehearsal"] = _description.Listen });
        var limits = new HoldLimits(AnswerWithin, AnswerWithin, 1, AnswerWithin);
        for (var round = 0; round < RehearsalRounds; round++)
        {
            await stage.PrepareAsync(target, 1, cancellationToken);
            await stage.HoldAsync(limits, 1, cancellationToken);
            await stage.RouteReadsAsync(target, 1, cancellationToken);
            await stage.SwitchAsync(target, 1, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        var answer = await _admin.SendAsync("prepare", Arguments(epoch, target), PrepareWithin, cancellationToken);
        var notReady = answer["notReady"]?.GetValue<int>() ?? 0;
        if (notReady > 0)
        {
            throw new UpgradeException(
                "GatewayNotPrepared",
                $"{notReady} clients' sessions could not be made ready on {Writer(target)}.",
                "Check that the target accepts as many connections as the source and knows the same users.",
                FailureCategory.WrongState) { Target = Writer(target) };
        }
    }

    /// <inheritdoc/>
    public Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken) => _admin.SendAsync(
        "hold",
        new JsonObject
        {
            ["epoch"] = epoch,
            ["deadlineMs"] = (long)limits.Deadline.TotalMilliseconds,
            ["requestLimitMs"] = (long)limits.PerRequest.TotalMilliseconds,
            ["maxBytes"] = limits.MaxBytes,
            ["drainMs"] = (long)limits.Drain.TotalMilliseconds,
        },
        limits.Drain + AnswerWithin,
        cancellationToken);

    /// <inheritdoc/>
    public Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) =>
        _admin.SendAsync("reads", Arguments(epoch, target), AnswerWithin, cancellationToken);

    /// <inheritdoc/>
    public Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) =>
        _admin.SendAsync("switch", Arguments(epoch, target), AnswerWithin, cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) =>
        _admin.SendAsync("release", Arguments(epoch, target), AnswerWithin, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    private static RouterStatus ReadStatus(JsonObject status) => new(
        status["target"]!.GetValue<string>(),
        status["readTarget"]!.GetValue<string>(),
        status["phase"]!.GetValue<string>() != "open",
        status["epoch"]!.GetValue<long>(),
        status["sessions"]!.GetValue<int>(),
        status["heldRequests"]!.GetValue<long>());

    private static JsonObject Arguments(long epoch, RouterTargets target) => new() { ["epoch"] = epoch, ["target"] = Writer(target).ToString() };

    private static NodeEndpoint Writer(RouterTargets target) => target.ByShard.Count == 1
        ? target.ByShard.Values.Single()
        : throw new UpgradeException(
            "GatewayOneShard",
            $"A gateway stands before one writer, and {target.ByShard.Count} were named.",
            "Use one gateway a shard.",
            FailureCategory.InvalidInput);

    private IReadOnlyList<Finding> Inspect(EngineContext context, RouterStatus status, string? controlError)
    {
        var writer = context.Source.Shards[0].Primary.Endpoint.ToString();
        List<Finding> findings = [];
        if (status.WriteTarget != writer)
        {
            findings.Add(Finding.Refuse(
                "GatewayTarget",
                _description.Listen.ToString(),
                $"The gateway sends requests to {status.WriteTarget}, and the writer of the cluster is {writer}.",
                "Name the writer in the service file as the gateway names it, or point the gateway at it."));
        }

        if (status.Holding)
        {
            findings.Add(Finding.Warn(
                "GatewayHolding",
                _description.Listen.ToString(),
                "The gateway holds writes at this moment: another attempt is under way, or was broken off.",
                "Wait until its deadline has passed, or resume that upgrade."));
        }

        if (controlError is not null)
        {
            findings.Add(Finding.Warn(
                "GatewayControlAccount",
                _description.Listen.ToString(),
                $"The gateway's own account does not work: {controlError}. Without it a client that waits in BLPOP or the like keeps the hold from its goal, and scripts are not loaded on the target.",
                "Start the gateway with an account that may use CLIENT UNBLOCK and SCRIPT LOAD."));
        }

        findings.Add(Finding.Inform("GatewaySessions", _description.Listen.ToString(), $"{status.Sessions} clients are connected to the gateway."));
        return findings;
    }
}
