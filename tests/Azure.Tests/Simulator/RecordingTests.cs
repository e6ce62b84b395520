using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>The simulator answers what the real Azure was recorded to answer: status, headers, and every place of the body.</summary>
public sealed class RecordingTests : SimulatorTest
{
    private static readonly string[] Polls = ["/operations/", "/DiskOperations/", "/operationresults/"];

    protected override AzureOptions Options => new() { AcceptNewerVersions = true };

    [AzureTheory]
    [InlineData("virtualmachineclient")]
    [InlineData("diskclient")]
    [InlineData("snapshotclient")]
    [InlineData("interfaceclient")]
    [InlineData("loadbalancerclient")]
    public async Task Answers_are_those_of_a_recording(string name)
    {
        var differences = new List<string>();
        var known = RecordingExceptions.Read();
        string? poll = null;
        var exchanges = Recording.Read(name);
        for (var index = 0; index < exchanges.Count; index++)
        {
            var recorded = exchanges[index];
            var asked = Polls.Any(word => recorded.Url.AbsolutePath.Contains(word, StringComparison.OrdinalIgnoreCase)) ? poll! : recorded.Url.PathAndQuery;
            var reply = await SendAsync(recorded, asked);
            poll = reply.Header("Azure-AsyncOperation") ?? reply.Header("Location") ?? poll;
            differences.AddRange(Differences(recorded, reply, known).Except(known.Answers(name, index)).Select(difference => FormattableString.Invariant($"{name} {index} {recorded.Method} {recorded.Url.AbsolutePath}: {difference}")));
        }

        Assert.True(exchanges.Count > 10, "the recording was read");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [AzureFact]
    public void Every_place_of_an_answer_is_compared()
    {
        var recorded = JsonNode.Parse("""{"a":{"b":[{"name":"x","size":1}]},"status":"Succeeded"}""");
        Assert.Equal(["$.a.b[].size: Number"], Shape.Of(recorded).Except(Shape.Of(JsonNode.Parse("""{"a":{"b":[{"name":"x"}]},"status":"Succeeded"}"""))));
        Assert.Equal(["$.status: String Succeeded"], Shape.Of(recorded).Except(Shape.Of(JsonNode.Parse("""{"a":{"b":[{"name":"x","size":2}]},"status":"Failed"}"""))));
    }

    private async Task<AzureReply> SendAsync(RecordedExchange recorded, string asked)
    {
        var condition = recorded.RequestHeaders.TryGetValue("If-Match", out var etag) ? new[] { ("If-Match", etag) } : [];
        var reply = await Azure.SendAsync(recorded.Method, asked, recorded.RequestBody, condition);
        while (reply.Body is JsonObject body && body["status"]?.GetValue<string>() == "InProgress")
        {
            await Task.Delay(5);
            reply = await Azure.SendAsync(recorded.Method, asked);
        }

        return reply;
    }

    private static IEnumerable<string> Differences(RecordedExchange recorded, AzureReply reply, RecordingExceptions known)
    {
        if (recorded.Status != reply.Status)
        {
            yield return FormattableString.Invariant($"status {reply.Status}, recorded {recorded.Status}");
        }

        var (headers, expected) = (reply.Headers.Keys.Except(known.Headers, StringComparer.OrdinalIgnoreCase).ToList(), recorded.Headers.Keys.Except(known.Headers, StringComparer.OrdinalIgnoreCase).ToList());
        foreach (var missing in expected.Except(headers, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"no header {missing.ToLowerInvariant()}";
        }

        foreach (var more in headers.Except(expected, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"a header {more.ToLowerInvariant()}";
        }

        var (places, wanted) = (Shape.Of(reply.Body), Shape.Of(recorded.Body));
        foreach (var missing in wanted.Except(places))
        {
            yield return $"no {missing}";
        }

        foreach (var more in places.Except(wanted))
        {
            yield return $"a {more}";
        }
    }
}
