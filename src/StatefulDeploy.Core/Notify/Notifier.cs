using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Programs;

namespace StatefulDeploy.Notify;

/// <summary>
/// Tells the user's commands and webhooks about the window. Nothing waits for them but the moment before the window, and that no longer
/// than their own timeouts; whether they succeed changes nothing.
/// </summary>
/// <param name="context">The direction of the switch.</param>
public sealed class Notifier(EngineContext context)
{
    private static readonly HttpClient Http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private readonly List<Task<NotifyOutcome[]>> _underWay = [];

    /// <summary>Before writes close: returns when everybody was told, or their timeouts are over.</summary>
    public Task BeforeAsync() => Start(NotifyMoment.BeforeWindow, context.Source);

    /// <summary>As writes close: returns at once.</summary>
    public void At() => _ = Start(NotifyMoment.AtWindow, context.Source);

    /// <summary>After writes are open again: returns at once.</summary>
    /// <param name="live">The cluster that takes them.</param>
    public void After(ClusterLayout live) => _ = Start(NotifyMoment.AfterWindow, live);

    /// <summary>Waits until everything that was begun has ended, which takes no longer than the longest timeout.</summary>
    /// <returns>How it went, for the journal.</returns>
    public async Task<IReadOnlyList<NotifyOutcome>> FinishAsync()
    {
        var outcomes = await Task.WhenAll(_underWay);
        _underWay.Clear();
        return [.. outcomes.SelectMany(some => some)];
    }

    private Task<NotifyOutcome[]> Start(NotifyMoment moment, ClusterLayout live)
    {
        var receivers = context.Service.Notify.Where(notify => notify.Moments.Contains(moment)).ToList();
        if (receivers.Count == 0)
            return Task.FromResult(Array.Empty<NotifyOutcome>());

        // On another thread from the start: starting a process takes milliseconds that the window has not got.
        var message = Message(moment, live);
        var telling = Task.Run(() => Task.WhenAll(receivers.Select(receiver => TellAsync(receiver, moment, message))), CancellationToken.None);
        _underWay.Add(telling);
        return telling;
    }

    private async Task<NotifyOutcome> TellAsync(NotifyDescription receiver, NotifyMoment moment, NotifyMessage message)
    {
        var begun = Stopwatch.GetTimestamp();
        // The path of a webhook is often its password.
        var to = receiver.Webhook is { } address ? $"{address.Scheme}://{address.Authority}" : receiver.Command[0];
        var failure = await TryAsync(receiver, message);
        var outcome = new NotifyOutcome(moment, to, failure, Stopwatch.GetElapsedTime(begun));
        context.Reporter.Report(new ReportEvent(outcome.Succeeded ? ReportLevel.Verbose : ReportLevel.Warning, outcome.ToString()));
        return outcome;
    }

    private static async Task<string> TryAsync(NotifyDescription receiver, NotifyMessage message)
    {
        try
        {
            using var deadline = new CancellationTokenSource(receiver.Timeout);
            return receiver.Webhook is { } address ? await PostAsync(address, message, deadline.Token) : await RunAsync(receiver, message);
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {receiver.Timeout}";
        }
        catch (Exception exception) when (exception is HttpRequestException or UpgradeException or IOException)
        {
            return exception.Message;
        }
    }

    private static async Task<string> PostAsync(Uri address, NotifyMessage message, CancellationToken cancellationToken)
    {
        using var content = new StringContent(ModelJson.Write(message), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await Http.PostAsync(address, content, cancellationToken);
        return answer.IsSuccessStatusCode ? string.Empty : $"it answered {(int)answer.StatusCode} {answer.ReasonPhrase}";
    }

    private static async Task<string> RunAsync(NotifyDescription receiver, NotifyMessage message)
    {
        var command = new HostCommand(receiver.Command[0], [.. receiver.Command.Skip(1)])
        {
            Input = ModelJson.Write(message),
            Environment = Variables(message),
            Timeout = receiver.Timeout,
        };
        var ended = await UserProgram.RunAsync(command, [], CancellationToken.None);
        return ended.ExitCode switch
        {
            0 => string.Empty,
            null => $"it had not ended within {receiver.Timeout} and was ended",
            var code => $"it ended with exit code {code}: {ended.Output}",
        };
    }

    private static Dictionary<string, string?> Variables(NotifyMessage message) => new(StringComparer.Ordinal)
    {
        ["STATEFULDEPLOY_MOMENT"] = message.Moment,
        ["STATEFULDEPLOY_SERVICE"] = message.Service,
        ["STATEFULDEPLOY_ENGINE"] = message.Engine,
        ["STATEFULDEPLOY_UPGRADE"] = message.UpgradeId,
        ["STATEFULDEPLOY_FROM_VERSION"] = message.FromVersion,
        ["STATEFULDEPLOY_TO_VERSION"] = message.ToVersion,
        ["STATEFULDEPLOY_ENDPOINT"] = message.Endpoint,
        ["STATEFULDEPLOY_LIVE"] = message.Live.ToString(),
        ["STATEFULDEPLOY_LIVE_VERSION"] = message.LiveVersion,
        ["STATEFULDEPLOY_TEXT"] = message.Text,
    };

    private static string WordOf(NotifyMoment moment) => moment switch
    {
        NotifyMoment.BeforeWindow => "before",
        NotifyMoment.AtWindow => "at",
        _ => "after",
    };

    private NotifyMessage Message(NotifyMoment moment, ClusterLayout live)
    {
        var (service, from, to) = (context.Service, context.Source.Version, context.Target.Version);
        var text = moment switch
        {
            NotifyMoment.BeforeWindow => $"{service.Name} is about to switch from {service.Engine} {from} to {to}: writes will wait for a moment.",
            NotifyMoment.AtWindow => $"{service.Name} is switching from {service.Engine} {from} to {to}: writes wait.",
            _ when live.Colour == context.Target.Colour => $"{service.Name} runs on {service.Engine} {to} now.",
            _ => $"{service.Name} did not switch: it still runs on {service.Engine} {from}.",
        };
        return new NotifyMessage(service.Name, context.UpgradeId, WordOf(moment), service.Engine, from, to, service.Router.Listen.ToString(), live.Colour, live.Version, text);
    }
}
