using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Routing;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Dns;

/// <summary>
/// A record of a private DNS zone that clients find the writer by. For the record's time to live clients still go to blue, whose fence
/// refuses their writes; their connections end at the engine.
/// </summary>
public sealed class AzurePrivateDnsRouter : AzureRouter
{
    /// <summary>The kind, as the service file names it.</summary>
    public const string KindName = "azure-private-dns";

    private const int DefaultSeconds = 10;
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal) { ["zone"] = "zone", ["record"] = "record", ["ttl"] = "seconds that it lives" };

    /// <summary>The router of a service; nobody is signed in before the first call.</summary>
    /// <param name="service">The service, with its section <c>azure</c>; the settings of its router name <c>zone</c>, <c>record</c> and, in seconds, <c>ttl</c>.</param>
    public AzurePrivateDnsRouter(ServiceDescription service)
        : this(service, () => new AzureService(service, RouterReporter.Instance))
    {
    }

    internal AzurePrivateDnsRouter(ServiceDescription service, Func<AzureService> azure)
        : base(service, KindName, azure)
    {
    }

    /// <inheritdoc/>
    public override RouterPromise Promise => new(
        KeepsConnections: false,
        ReadsGoOn: false,
        HoldsWrites: false,
        ExpectedGap: TimeSpan.FromSeconds(Seconds + 5),
        $"A DNS record holds nothing: writes get the engine's read-only error from the fence on, and clients find green when their answer has expired, after up to {Seconds} s; a client that caches for longer finds it later. "
        + "Connections to blue are ended at the engine.");

    private protected override string Name => "A private DNS record";

    private protected override IReadOnlyDictionary<string, string> Settings => Known;

    private int Seconds => Service.Router.Settings.TryGetValue("ttl", out var text)
        ? int.TryParse(text, out var seconds) && seconds is >= 1 and <= 3600 ? seconds : throw WrongSeconds(text)
        : DefaultSeconds;

    private ResourceId Record => Azure.Resolve(ResourceTypes.DnsZone, Setting("zone")).Child("A", Setting("record"));

    /// <inheritdoc/>
    public override async Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => await Azure.Client.GetAsync(Record, cancellationToken);

    private protected override async Task<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellationToken) => AddressesOf(await Azure.Client.GetAsync(Record, cancellationToken));

    private protected override async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, string subject, CancellationToken cancellationToken)
    {
        var record = await Azure.Client.GetAsync(Record, cancellationToken);
        var writer = await OneWriter.AddressAsync(context.Source.Writer.Endpoint, cancellationToken);
        return [.. await Azure.Rights.InspectAsync(Record, ["Microsoft.Network/privateDnsZones/A/write"], cancellationToken), .. Inspect(context, record, writer, subject)];
    }

    // Made on the version that was read: what somebody else put into the record meanwhile is not overwritten unseen.
    private protected override async Task PointAsync(NodeEndpoint writer, CancellationToken cancellationToken)
    {
        var address = await OneWriter.AddressAsync(writer, cancellationToken);
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

    private IEnumerable<Finding> Inspect(EngineContext context, ArmResource record, string writer, string subject)
    {
        if (AddressesOf(record) is not [var only] || only != writer)
            yield return Finding.Refuse("RecordTarget", subject, $"The record '{Setting("record")}' of '{Setting("zone")}' leads to {string.Join(", ", AddressesOf(record))}, and the writer of the cluster is {writer}.", "Let the record name the writer alone.");
        if (record.Properties.Number("ttl") is { } seconds && seconds > Seconds)
            yield return Finding.Refuse("RecordTtl", subject, $"The record lives for {seconds:0} s, and {Seconds} s are told as its 'ttl': clients would go on to blue for that much longer.", $"Set the record's TTL to {Seconds} s and wait {seconds:0} s, or set router.settings.ttl to {seconds:0}.");
        foreach (var node in context.Target.Primaries.Where(node => node.Endpoint.Port != context.Source.Writer.Endpoint.Port))
            yield return Finding.Refuse("RecordPort", subject, $"Green's {node} has another port than blue's writer, and a record has no port.", "Let green have blue's port; its machines have addresses of their own.");
    }

    private static IReadOnlyList<string> AddressesOf(ArmResource record) => [.. record.Properties.Objects("aRecords").Select(one => one.Text("ipv4Address")).OfType<string>()];

    private UpgradeException WrongSeconds(string text) =>
        new("InvalidValue", $"{Service.Path}: router.settings.ttl: '{text}' is not a number of seconds from 1 to 3600.", "Correct it.", FailureCategory.InvalidInput) { Target = "router.settings.ttl" };
}
