using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Host;

/// <summary>An orchestrator that does what it is told on its standard input, one word a line, and answers each with a line. The test kills and stops it where it likes.</summary>
public sealed class Operator(WirePlatform platform, string serviceFile, string upgradeId)
{
    private readonly ServiceDescription _service = platform.ReadService(serviceFile);
    private GuardClient? _guard;

    private ClusterLayout Green => new(ClusterColour.Green, "2", _service.Green.Shards);

    private Node[] BlueNodes => [.. _service.Blue.Nodes];

    private Node[] GreenNodes => [.. Green.Nodes];

    public async Task RunAsync()
    {
        await Console.Out.WriteLineAsync("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            try
            {
                await Console.Out.WriteLineAsync(await DoAsync(line.Split(' ')));
            }
            catch (UpgradeException error)
            {
                await Console.Out.WriteLineAsync($"error {error.ErrorId} {error.Message}");
            }
        }

        if (_guard is not null)
            await _guard.DisposeAsync();
    }

    private async Task<string> DoAsync(string[] words)
    {
        var window = words.Length > 1 ? words[1] : "w1";
        switch (words[0])
        {
            case "connect":
                _guard = await GuardClient.ConnectAsync(
                    new GuardClientOptions { Service = _service, OwnProgram = platform, Host = platform.CreateHosts(_service)["local"], UpgradeId = upgradeId, HangLimit = TimeSpan.FromSeconds(2) },
                    CancellationToken.None);
                return $"epoch {_guard.Epoch}";
            case "arm":
                await Guard.ArmAsync(new WindowPlan(window, upgradeId, TimeSpan.FromMilliseconds(int.Parse(words[2])), _service.Blue, Green), CancellationToken.None);
                return "ok";
            case "arm-back":
                await Guard.ArmAsync(new WindowPlan(window, upgradeId, TimeSpan.FromMilliseconds(int.Parse(words[2])), Green, _service.Blue), CancellationToken.None);
                return "ok";
            case "commit":
                return (await Guard.CommitAsync(window, CancellationToken.None)).ToString();
            case "expire":
                return (await Guard.ExpireAsync(window, CancellationToken.None)).ToString();
            case "revert":
                return (await Guard.RevertAsync(window, CancellationToken.None)).ToString();
            case "complete":
                await Guard.CompleteAsync(window, CancellationToken.None);
                return "ok";
            case "window":
                return await Guard.GetWindowAsync(CancellationToken.None) is { } found ? $"{found.Plan.WindowId} {found.Outcome} {found.Settled}" : "none";
            case "lose-request" or "lose-reply":
                GuardConnection.Loses = GuardConnection.LosesOnce(Enum.Parse<GuardOperation>(words[1]), reply: words[0] == "lose-reply");
                return "ok";
            default:
                return await ActAsync(words);
        }
    }

    private async Task<string> ActAsync(string[] words)
    {
        switch (words[0])
        {
            case "rehearse":
                await Guard.RehearseAsync(GreenNodes, CancellationToken.None);
                return "ok";
            case "prepare":
                await Guard.PrepareGatesAsync(BlueNodes, CancellationToken.None);
                return "ok";
            case "close":
                await Guard.CloseGatesAsync(BlueNodes, CancellationToken.None);
                return "ok";
            case "close-green":
                await Guard.CloseGatesAsync(GreenNodes, CancellationToken.None);
                return "ok";
            case "open-blue":
                await Guard.OpenGatesAsync(BlueNodes, CancellationToken.None);
                return "ok";
            case "open-green":
                await Guard.OpenGatesAsync(GreenNodes, CancellationToken.None);
                return "ok";
            case "probe":
                return string.Join(' ', (await Guard.ProbeGatesAsync([.. BlueNodes, .. GreenNodes], CancellationToken.None)).OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}"));
            case "demote":
                return await DemoteAsync(words[1] == "green" ? Green : _service.Blue, TimeSpan.FromMilliseconds(int.Parse(words[2])));
            case "release":
                await Guard.ReleaseAsync(CancellationToken.None);
                return "ok";
            case "lost":
                return Guard.LeaseLost.IsCancellationRequested.ToString();
            case "time":
                return await MeasureAsync(int.Parse(words[1]));
            default:
                return $"what is '{words[0]}'?";
        }
    }

    private async Task<string> DemoteAsync(ClusterLayout target, TimeSpan within)
    {
        var told = new ToldLines();
        var context = new EngineContext
        {
            Service = _service,
            Source = target.Colour == ClusterColour.Green ? _service.Blue : Green,
            Target = target,
            UpgradeId = upgradeId,
            Hosts = platform.CreateHosts(_service),
            Secrets = platform.CreateSecrets(_service),
            OwnProgram = platform,
            Reporter = told,
        };
        await Guard.ActAsync(GuardedAct.Demote, context, null, within, CancellationToken.None);
        return $"ok {told}";
    }

    /// <summary>Closes what is closed anyway, over and over, and tells the median and the worst time in microseconds.</summary>
    private async Task<string> MeasureAsync(int times)
    {
        var took = new List<double>();
        for (var i = 0; i < times; i++)
        {
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            await Guard.CloseGatesAsync(GreenNodes, CancellationToken.None);
            took.Add(System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        took.Sort();
        return $"{took[times / 2]:0} {took[times * 9 / 10]:0} {took[^1]:0}";
    }

    private GuardClient Guard => _guard ?? throw new UpgradeException("NotConnected", "connect first", string.Empty);
}
