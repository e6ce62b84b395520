using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure;

/// <summary>A plain client of the simulator that is none of the product's. Its requests count in no budget, and are held to the API as any other's.</summary>
public sealed class AzureCaller : IDisposable
{
    /// <summary>The versions that it asks for, by type.</summary>
    public static IReadOnlyDictionary<string, string> Versions { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Microsoft.Compute/virtualMachines"] = "2024-03-01",
        ["Microsoft.Compute/availabilitySets"] = "2024-03-01",
        ["Microsoft.Compute/locations"] = "2024-03-01",
        ["Microsoft.Compute/skus"] = "2021-07-01",
        ["Microsoft.Compute/disks"] = "2023-10-02",
        ["Microsoft.Compute/snapshots"] = "2023-10-02",
        ["Microsoft.Network/privateDnsZones"] = "2020-06-01",
        ["Microsoft.Network"] = "2024-01-01",
        ["Microsoft.Authorization"] = "2022-04-01",
    };

    internal const string Agent = "StatefulDeploy.Harness";

    private readonly AzureSimulator _simulator;
    private readonly HttpClient _client;
    private readonly string _scope;

    internal AzureCaller(AzureSimulator simulator, string group)
    {
        _simulator = simulator;
        _scope = $"/subscriptions/{AzureSimulator.Subscription}/resourceGroups/{group}";
        _client = new HttpClient(Trusting(simulator)) { BaseAddress = simulator.Endpoint };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(Agent, "1.0"));
    }

    /// <summary>A handler that trusts the simulator's authority, and no other.</summary>
    /// <param name="simulator">The simulator.</param>
    public static SocketsHttpHandler Trusting(AzureSimulator simulator)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(simulator.AuthorityPem));
        return new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
    }

    /// <summary>The id of something in the group.</summary>
    /// <param name="resource">Provider, type and name, such as <c>Microsoft.Compute/disks/data-0</c>.</param>
    public string Id(string resource) => $"{_scope}/providers/{resource}";

    /// <summary>Sends a request and tells the answer as it is.</summary>
    /// <param name="method">The method.</param>
    /// <param name="resource">Provider, type and name in the group, or a path or URL of its own, with the api-version or without.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="headers">Further headers.</param>
    public async Task<AzureReply> SendAsync(string method, string resource, JsonNode? body = null, params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(resource);
        using var request = new HttpRequestMessage(new HttpMethod(method), Url(resource));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _simulator.IssueToken());
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        return await AzureReply.ReadAsync(response);
    }

    /// <summary>Sends a request, and waits for what it began.</summary>
    /// <param name="method">The method.</param>
    /// <param name="resource">As for <see cref="SendAsync"/>.</param>
    /// <param name="body">The body; null for none.</param>
    /// <exception cref="InvalidOperationException">It was refused, or failed.</exception>
    public async Task<AzureReply> DoAsync(string method, string resource, JsonNode? body = null)
    {
        var reply = await SendAsync(method, resource, body);
        var end = reply.Status < 400 ? await WaitAsync(reply) : reply;
        return end.ErrorCode is null ? reply : throw new InvalidOperationException($"{method} {resource}: {end.Status} {end.Body?.ToJsonString()}");
    }

    /// <summary>Waits for the operation that an answer tells of.</summary>
    /// <param name="reply">The answer.</param>
    /// <returns>The operation's last answer; the same one when it tells of none.</returns>
    public async Task<AzureReply> WaitAsync(AzureReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.Header("Azure-AsyncOperation") is not { } url)
        {
            return reply;
        }

        for (var polls = 0; polls < 6000; polls++)
        {
            var now = await SendAsync("GET", url);
            if (now.Body?["status"]?.GetValue<string>() is not "InProgress")
            {
                return now;
            }

            await Task.Delay(10);
        }

        throw new TimeoutException($"The operation {url} does not end.");
    }

    /// <summary>A resource as it is; null when there is none.</summary>
    /// <param name="resource">As for <see cref="SendAsync"/>.</param>
    public async Task<JsonObject?> GetAsync(string resource)
    {
        var reply = await SendAsync("GET", resource);
        return reply.Status == 404 ? null : reply.Status == 200 ? reply.Body!.AsObject() : throw new InvalidOperationException($"GET {resource}: {reply.Status} {reply.Body?.ToJsonString()}");
    }

    public void Dispose() => _client.Dispose();

    private string Url(string resource)
    {
        if (resource.StartsWith("https://", StringComparison.Ordinal))
        {
            return resource;
        }

        var path = resource.StartsWith('/') ? resource : resource.Length == 0 ? _scope : Id(resource);
        if (path.Contains("api-version=", StringComparison.Ordinal))
        {
            return path;
        }

        var target = ResourcePath.Parse(path.Split('?')[0]);
        var version = Versions.GetValueOrDefault($"{target.Provider}/{target.Segments[0]}") ?? Versions.GetValueOrDefault(target.Provider ?? string.Empty) ?? "2022-09-01";
        return $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}api-version={version}";
    }
}
