using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Benchmarks.Volumes;

/// <summary>Managed disks go to other machines: the product's provider, which moves what is moved at the same time in one request a machine, and a script that moves one after another.</summary>
internal sealed class AzureMoveBenchmark : IBenchmark, IReporter
{
    public string Name => "azure-moves";

    public string Title => "12 managed disks from 3 machines to 3 others on the simulator, beside a script that moves one at a time";

    public string? WhyNot => AzureData.WhyMissing;

    public async IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments)
    {
        foreach (var (side, move) in new (string, Func<AzureScene, Task>)[] { ("azure-moves-ours", OursAsync), ("azure-moves-script", ScriptAsync) })
        {
            await using var scene = await AzureScene.StartAsync(arguments.Scale);
            var begun = Stopwatch.GetTimestamp();
            await move(scene);
            var took = Stopwatch.GetElapsedTime(begun);
            await scene.VerifyAsync();
            var requests = scene.Simulator.Requests;
            yield return ResultLine.Of(
                side,
                "Managed disks of Azure that change machines",
                new Dictionary<string, string>(StringComparer.Ordinal) { ["disks"] = AzureScene.Moves.Count.ToString(CultureInfo.InvariantCulture), ["scale"] = arguments.Scale.ToString(CultureInfo.InvariantCulture) },
                new Dictionary<string, double>(StringComparer.Ordinal)
                {
                    ["s"] = took.TotalSeconds,
                    ["requests"] = requests.Count,
                    ["changes"] = requests.Count(request => request.Method != "GET"),
                });
        }
    }

    public void Report(ReportEvent reportEvent)
    {
        // Nobody looks.
    }

    private static async Task ScriptAsync(AzureScene scene)
    {
        using var script = new OneByOneScript(scene);
        await script.RunAsync();
    }

    private async Task OursAsync(AzureScene scene)
    {
        using var provider = new AzureVolumeProvider(scene.Service(), new VolumeConsent(), this);
        await Task.WhenAll(AzureScene.Moves.Select(move => OursAsync(scene, provider, move)));
    }

    // Looked at first, as a move is, then detached and attached.
    private static async Task OursAsync(AzureScene scene, AzureVolumeProvider provider, (string Disk, string From, string To) move)
    {
        var (volume, from, to) = (AzureScene.Volume(move.Disk), scene.Host(move.From), scene.Host(move.To));
        await provider.IsAttachedAsync(volume, from, CancellationToken.None);
        await provider.RequireAttachableAsync(volume, to, CancellationToken.None);
        await provider.DetachAsync(volume, from, CancellationToken.None);
        await provider.AttachAsync(volume, to, CancellationToken.None);
    }
}
