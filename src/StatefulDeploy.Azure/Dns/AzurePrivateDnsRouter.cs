using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Routing;
using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Dns;

/// <summary>
/// A record of a private DNS zone that clients find the writer by. It holds nothing, and for the record's time to live clients still go to
/// blue, whose fence refuses their writes; their connections end at the engine.
/// </summary>
public sealed class AzurePrivateDnsRouter : IRouter
{
    /// <summary>The kind, as the service file names it.</summary>
    public const string KindName = "azure-private-dns";

    private const int DefaultSeconds = 10;
    private static readonly string[] Settings = ["zone", "record", "ttl"];

    private readonly ServiceDescription _service;
    private readonly Lazy<AzureService> _azure;
    private readonly RouterStateFile _state;

    /// <summary>The router of a service; nobody is signed in before the first call.</summary>
    /// <param name="service">The service, with its section <c>azure</c>; the settings of its router name <c>zone</c>, <c>record</c> and, in seconds, <c>ttl</c>.</param>
    public AzurePrivateDnsRouter(ServiceDescription service)
        : this(service, () => new AzureService(service, RouterReporter.Instance))
    {
    }

    internal AzurePrivateDnsRouter(ServiceDescription service, Func<AzureService> azure)
    {
        ArgumentNullException.ThrowIfNull(service);
        _service = service;
        _azure = new(azure);
        _state = new RouterStateFile(service.GuardDirectory, KindName);
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public RouterPromise Promise => new(
        KeepsConnections: false,
        ReadsGoOn: false,
        HoldsWrites: false,
        ExpectedGap: TimeSpan.FromSeconds(Seconds + 5),
        $"A DNS record holds nothing: writes get the engine's read-only error from the fence on, and clients find green when their answer has expired, after up to {Seconds} s; a client that caches for longer finds it later. "
        + "Connections to blue are ended at the engine.");

    private AzureService Azure => _azure.Value;

    private int Seconds => _service.Router.Settings.TryGetValue("ttl", out var text)
        ? int.TryParse(text, out var seconds) && seconds is >= 1 and <= 3600 ? seconds : throw Wrong("ttl", $"'{text}' is not a number of seconds from 1 to 3600.", "Correct it.")
        : DefaultSeconds;

    private ResourceId Record => Azure.Resolve(ResourceTypes.DnsZone, Setting("zone")).Child("A", Setting("record"));

    /// <inheritdoc/>
    public async Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var addresses = string.Join(", ", AddressesOf(await Azure.Client.GetAsync(Record, cancellationToken)));
        var note = await _state.ReadAsync(cancellationToken);
        return new RouterStatus(addresses, addresses, note.Holding, note.Epoch, 0, 0);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        const string Subject = $"router {KindName}";
        if (_service.Router.Settings.Keys.FirstOrDefault(name => !Settings.Contains(name, StringComparer.Ordinal)) is { } unknown)
            return [Finding.Refuse("UnknownKey", Subject, $"A private DNS record has no setting '{unknown}'.", $"Use: {string.Join(", ", Settings)}.")];

        try
        {
            var record = await Azure.Client.GetAsync(Record, cancellationToken);
            return [.. Inspect(context, record, await OneWriter.AddressAsync(context.Source.Writer.Endpoint, cancellationToken), Subject)];
        }
        catch (UpgradeException exception)
        {
            return [Finding.Refuse(exception.ErrorId, Subject, exception.Message, exception.RecommendedAction)];
        }
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => await Azure.Client.GetAsync(Record, cancellationToken);

    /// <inheritdoc/>
    public Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken) => _state.NoteAsync(epoch, holding: true, cancellationToken);

    /// <inheritdoc/>
    public async Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        await _state.NoteAsync(epoch, holding: true, cancellationToken);
        await PointAsync(target, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        await _state.NoteAsync(epoch, holding: false, cancellationToken);
        await PointAsync(target, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => SwitchAsync(target, epoch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<Finding> Inspect(EngineContext context, ArmResource record, string writer, string subject)
    {
        if (AddressesOf(record) is not [var only] || only != writer)
            yield return Finding.Refuse("RecordTarget", subject, $"The record '{Setting("record")}' of '{Setting("zone")}' leads to {string.Join(", ", AddressesOf(record))}, and the writer of the cluster is {writer}.", "Let the record name the writer alone.");
        if (record.Properties.Number("ttl") is { } seconds && seconds > Seconds)
            yield return Finding.Refuse("RecordTtl", subject, $"The record lives for {seconds:0} s, and {Seconds} s are told as its 'ttl': clients would go on to blue for that much longer.", $"Set the record's TTL to {Seconds} s and wait {seconds:0} s, or set router.settings.ttl to {seconds:0}.");
        foreach (var node in context.Target.Primaries.Where(node => node.Endpoint.Port != context.Source.Writer.Endpoint.Port))
            yield return Finding.Refuse("RecordPort", subject, $"Green's {node} has another port than blue's writer, and a record has no port.", "Let green have blue's port; its machines have addresses of their own.");
    }

    // Made on the version that was read: what somebody else put into the record meanwhile is not overwritten unseen.
    private async Task PointAsync(RouterTargets target, CancellationToken cancellationToken)
    {
        var address = await OneWriter.AddressAsync(OneWriter.Of(target), cancellationToken);
        var since = Azure.Clock.GetTimestamp();
        while (true)
        {
            var record = await Azure.Client.GetAsync(Record, cancellationToken);
            if (AddressesOf(record) is [var only] && only == address)
                return;

            var body = (JsonObject)record.Body.DeepClone();
            body["properties"]!["aRecords"] = new JsonArray(new JsonObject { ["ipv4Address"] = address });
            body["properties"]!["ttl"] = Seconds;
            var answer = await Azure.Client.SendAsync(Azure.Client.Request(RequestMethod.Put, Record) with { Body = body, IfMatch = record.ETag }, cancellationToken);
            if (answer.Error is { } error && (!error.IsPassing || Azure.Clock.GetElapsedTime(since) > Azure.Pace.ConflictPatience))
                answer.Require();
            if (answer.Error is not null)
                await Task.Delay(Azure.Pace.FirstPoll, Azure.Clock, cancellationToken);
        }
    }

    private static IReadOnlyList<string> AddressesOf(ArmResource record) => [.. record.Properties.Objects("aRecords").Select(one => one.Text("ipv4Address")).OfType<string>()];

    private string Setting(string name) => _service.Router.Settings.GetValueOrDefault(name) ?? throw Wrong(name, "It is missing.", $"Name the {name} under router.settings.{name}.");

    private UpgradeException Wrong(string name, string what, string remedy) =>
        new("InvalidValue", $"{_service.Path}: router.settings.{name}: {what}", remedy, FailureCategory.InvalidInput) { Target = $"router.settings.{name}" };
}
