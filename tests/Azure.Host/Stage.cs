using System.Globalization;
using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Upgrade.Tests;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Identity;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Fleet;

namespace StatefulDeploy.Azure.Host;

/// <summary>A simulator, with a live service on its machines or without.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly TestBed _bed = new();
    private readonly List<Fault> _faults = [];
    private AzureSimulator? _simulator;
    private ReuseService? _service;
    private Ledger? _ledger;

    private AzureSimulator Simulator => _simulator!;

    /// <summary>Starts it.</summary>
    /// <returns>What its user must know.</returns>
    public async Task<JsonObject> StartAsync(HostOptions options)
    {
        if (!options.Service)
        {
            _simulator = _bed.Own(await AzureSimulator.StartAsync(options.Azure));
            return Describe(Path.Combine(_bed.Folder, "authority.pem"), await IdentityAsync());
        }

        var shelf = new AzureShelf { Options = options.Azure };
        _service = await ReuseService.StartAsync(_bed, new ReuseShape { Shelf = shelf });
        _simulator = shelf.Simulator;
        _ledger = await _bed.StartLedgerAsync(_service.Router, new LedgerOptions { Writers = 4, Readers = 2, WritesPerSecond = 200, ReadsPerSecond = 200, Timeout = TimeSpan.FromSeconds(60) });
        await _ledger.WaitForWritesAsync(200, ReuseService.Patience);
        var told = Describe("/srv/authority.pem", "/srv/identity.pem");
        told["service"] = ReuseService.File;
        told["operator"] = _service.Operator.Process;
        told["disk"] = _service.Operator.Disk;
        return told;
    }

    /// <summary>Has something go wrong: <c>NAME [RESOURCE [TIMES]]</c>.</summary>
    public void Inject(IReadOnlyList<string> words)
    {
        var times = words.Count > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 1;
        _faults.Add(Simulator.Faults.Inject(new Fault(Enum.Parse<FaultName>(words[0])) { Resource = words.Count > 1 && words[1] != "*" ? words[1] : null, Times = times }));
    }

    /// <summary>Ends what goes wrong.</summary>
    public void Lift()
    {
        _faults.ForEach(Simulator.Faults.Lift);
        _faults.Clear();
    }

    /// <summary>What was seen, and whether all of it is as it must be.</summary>
    public async Task<JsonObject> JudgeAsync()
    {
        Lift();
        await Simulator.IdleAsync();
        var findings = new JsonArray();
        try
        {
            Simulator.Verify();
        }
        catch (InvalidOperationException failure)
        {
            findings.Add((JsonNode)failure.Message);
        }

        var verdict = new JsonObject
        {
            ["requests"] = Simulator.Requests.Count,
            ["changes"] = Simulator.Requests.Count(request => request.Method != "GET" && request.Status < 400),
            ["faults"] = Simulator.Faults.Happened.Count,
        };
        if (_ledger is not null)
        {
            await JudgeLedgerAsync(_ledger, verdict, findings);
        }

        verdict["findings"] = findings;
        verdict["clean"] = findings.Count == 0;
        return verdict;
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private async Task JudgeLedgerAsync(Ledger ledger, JsonObject verdict, JsonArray findings)
    {
        await ledger.StopAsync();
        var totals = ledger.Totals();
        var read = await ledger.VerifyAsync(_service!.Router);
        verdict["acknowledged"] = totals.Acknowledged;
        if (totals.FailedWrites + totals.Indeterminate + totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.CounterAnomalies + totals.DroppedConnections > 0)
        {
            findings.Add((JsonNode)$"clients saw it: {totals} {string.Join("; ", totals.Examples)}");
        }

        if (!read.Clean)
        {
            findings.Add((JsonNode)$"something acknowledged is not there: {read} {string.Join("; ", read.Examples)}");
        }
    }

    private async Task<string> IdentityAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_bed.Folder, "authority.pem"), Simulator.AuthorityPem);
        var identity = Path.Combine(_bed.Folder, "identity.pem");
        await File.WriteAllTextAsync(identity, TestApplication.MakeIdentity());
        return identity;
    }

    private JsonObject Describe(string authority, string identity) => new()
    {
        ["endpoint"] = Simulator.Endpoint.ToString().TrimEnd('/'),
        ["caFile"] = authority,
        ["tenant"] = AzureSimulator.Tenant,
        ["subscription"] = AzureSimulator.Subscription,
        ["clientId"] = AzureSimulator.Principal,
        ["certificateFile"] = identity,
    };
}
