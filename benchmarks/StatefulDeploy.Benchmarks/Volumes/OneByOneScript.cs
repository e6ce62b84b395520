using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Benchmarks.Volumes;

/// <summary>
/// What a straightforward script does for each disk, one after another: read the old machine, take the disk off its list, wait, see that it is
/// free; read the new machine, put the disk on its list, wait, see that it is there. It waits as Azure asks it to.
/// </summary>
internal sealed class OneByOneScript : IDisposable
{
    private readonly AzureSimulator _simulator;
    private readonly AzureCaller _ids;
    private readonly HttpClient _client;

    public OneByOneScript(AzureScene scene)
    {
        _simulator = scene.Simulator;
        _ids = scene.Stage;
        _client = new HttpClient(AzureCaller.Trusting(_simulator)) { BaseAddress = _simulator.Endpoint };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Script", "1.0"));
    }

    /// <summary>Moves every disk.</summary>
    public async Task RunAsync()
    {
        foreach (var (disk, from, to) in AzureScene.Moves)
        {
            await ChangeAsync(from, list => list.First(entry => entry!["name"]!.GetValue<string>() == disk)!["toBeDetached"] = true);
            await SendAsync(HttpMethod.Get, AzureStage.Disk(disk));
            await ChangeAsync(to, list => list.Add((JsonNode)_ids.Entry(disk, list.Count)));
            await SendAsync(HttpMethod.Get, AzureStage.Disk(disk));
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task ChangeAsync(string machine, Action<JsonArray> change)
    {
        var (now, _) = await SendAsync(HttpMethod.Get, AzureStage.Machine(machine));
        var list = now!["properties"]!["storageProfile"]!["dataDisks"]!.DeepClone().AsArray();
        change(list);
        var body = new JsonObject { ["properties"] = new JsonObject { ["storageProfile"] = new JsonObject { ["dataDisks"] = list } } };
        var (_, begun) = await SendAsync(HttpMethod.Patch, AzureStage.Machine(machine), body);
        var operation = begun.GetValues("Azure-AsyncOperation").First();
        while (true)
        {
            var (state, headers) = await SendAsync(HttpMethod.Get, operation);
            if (state!["status"]!.GetValue<string>() != "InProgress")
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(headers.TryGetValues("Retry-After", out var seconds) ? int.Parse(seconds.First(), System.Globalization.CultureInfo.InvariantCulture) : 10));
        }
    }

    private async Task<(JsonNode? Body, HttpResponseHeaders Headers)> SendAsync(HttpMethod method, string resource, JsonNode? body = null)
    {
        var type = resource.Split('/') is [var provider, var kind, ..] ? $"{provider}/{kind}" : string.Empty;
        using var request = new HttpRequestMessage(method, resource.StartsWith("https://", StringComparison.Ordinal) ? resource : $"{_ids.Id(resource)}?api-version={AzureCaller.Versions[type]}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _simulator.IssueToken());
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? (text.Length == 0 ? null : JsonNode.Parse(text), response.Headers) : throw new InvalidOperationException($"{method} {resource}: {(int)response.StatusCode} {text}");
    }
}
