using System.Diagnostics;
using System.Net;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Notify;
using StatefulDeploy.Upgrade.Tests.Verification;

namespace StatefulDeploy.Upgrade.Tests.Notify;

public sealed class NotifierTests : IDisposable
{
    private readonly Scene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_command_is_told_every_moment_it_asked_for_by_environment_and_input()
    {
        var log = Path.Combine(_scene.Folder, "log");
        var script = _scene.Script("tell.sh", $"echo \"$STATEFULDEPLOY_MOMENT $STATEFULDEPLOY_LIVE_VERSION $(cat)\" >> {log}");
        var context = Context(new NotifyDescription([NotifyMoment.BeforeWindow, NotifyMoment.AfterWindow], [script], null, TimeSpan.FromSeconds(10)));
        var notifier = new Notifier(context);

        await notifier.BeforeAsync();
        notifier.At();
        notifier.After(context.Target);
        var outcomes = await notifier.FinishAsync();

        var lines = File.ReadAllLines(log);
        Assert.StartsWith("before 7.0 {", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("after 8.0 {", lines[1], StringComparison.Ordinal);
        using var document = JsonDocument.Parse(lines[1]["after 8.0 ".Length..]);
        Assert.Equal("after", document.RootElement.GetProperty("moment").GetString());
        Assert.Contains("runs on redis 8.0 now", document.RootElement.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.All(outcomes, outcome => Assert.True(outcome.Succeeded, outcome.ToString()));
        Assert.Equal(2, outcomes.Count);
    }

    [Fact]
    public async Task A_slow_command_delays_the_window_no_longer_than_its_timeout_and_is_ended()
    {
        var slow = _scene.Script("slow.sh", "sleep 300");
        var notifier = new Notifier(Context(new NotifyDescription([NotifyMoment.BeforeWindow, NotifyMoment.AtWindow], [slow], null, TimeSpan.FromMilliseconds(500))));
        var begun = Stopwatch.GetTimestamp();

        await notifier.BeforeAsync();
        var before = Stopwatch.GetElapsedTime(begun);
        begun = Stopwatch.GetTimestamp();
        notifier.At();
        var at = Stopwatch.GetElapsedTime(begun);
        var outcomes = await notifier.FinishAsync();

        Assert.InRange(before, TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(10));
        Assert.True(at < TimeSpan.FromMilliseconds(100), $"telling at the window took {at}");
        Assert.All(outcomes, outcome => Assert.Contains("had not ended within", outcome.Failure, StringComparison.Ordinal));
        Assert.Contains(_scene.Told, told => told.Level == ReportLevel.Warning);
    }

    [Theory]
    [InlineData("exit 4", "exit code 4")]
    [InlineData(null, "cannot be started")]
    public async Task A_command_that_fails_is_told_and_changes_nothing(string? script, string says)
    {
        var program = script is null ? "/nowhere/tell" : _scene.Script("tell.sh", script);
        var notifier = new Notifier(Context(new NotifyDescription([NotifyMoment.BeforeWindow], [program], null, TimeSpan.FromSeconds(10))));

        await notifier.BeforeAsync();

        Assert.Contains(says, Assert.Single(await notifier.FinishAsync()).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_gets_the_message_by_post()
    {
        using var listener = new HttpListener();
        var address = Listen(listener);
        var receiving = listener.GetContextAsync();
        var context = Context(new NotifyDescription([NotifyMoment.AfterWindow], [], new Uri(address.Replace("http://", "http://user:s3cret@", StringComparison.Ordinal) + "s3cret?token=s3cret"), TimeSpan.FromSeconds(10)));
        var notifier = new Notifier(context);

        notifier.After(context.Source);
        var received = await receiving;
        using var document = await JsonDocument.ParseAsync(received.Request.InputStream);
        received.Response.StatusCode = 503;
        received.Response.Close();
        var outcome = Assert.Single(await notifier.FinishAsync());

        Assert.Equal("POST", received.Request.HttpMethod);
        Assert.Equal("orders", document.RootElement.GetProperty("service").GetString());
        Assert.Contains("did not switch", document.RootElement.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("503", outcome.Failure, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", outcome.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_to_tell_is_nobody_to_wait_for()
    {
        var notifier = new Notifier(Context());

        await notifier.BeforeAsync();
        notifier.At();

        Assert.Empty(await notifier.FinishAsync());
    }

    private static string Listen(HttpListener listener)
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        probe.Stop();
        listener.Prefixes.Add(address);
        listener.Start();
        return address;
    }

    private EngineContext Context(params NotifyDescription[] notify)
    {
        var context = _scene.Context();
        return context with { Service = context.Service with { Notify = notify } };
    }
}
