using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Identity;
using StatefulDeploy.Harness.Azure.OpenApi;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>The HTTPS server before the simulator.</summary>
/// <param name="where">The address, and the port or 0 for a free one.</param>
/// <param name="door">Answers.</param>
/// <param name="identity">Where tokens come from.</param>
/// <param name="faults">What goes wrong on the way back.</param>
/// <param name="library">What requests are called in the published API.</param>
internal sealed class ArmServer(IPEndPoint where, ArmFrontDoor door, TokenEndpoints identity, FaultSet faults, OpenApiLibrary library) : IAsyncDisposable
{
    private readonly TestAuthority _authority = TestAuthority.Make(where.Address);
    private readonly Lock _gate = new();
    private readonly List<RequestRecord> _requests = [];
    private WebApplication? _application;

    public Uri Endpoint { get; private set; } = new("https://localhost");

    public string AuthorityPem => _authority.Authority.ExportCertificatePem();

    public IReadOnlyList<RequestRecord> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(where, listen => listen.UseHttps(_authority.Server));
        });
        _application = builder.Build();
        _application.Run(AnswerAsync);
        await _application.StartAsync();
        var address = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Endpoint = new Uri(FormattableString.Invariant($"https://{(IPAddress.IsLoopback(where.Address) ? "localhost" : where.Address)}:{new Uri(address).Port}"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        _authority.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (await identity.AnswerAsync(context.Request) is { } token)
        {
            await WriteAsync(context, token, []);
            return;
        }

        var begun = DateTimeOffset.UtcNow;
        var call = new ArmCall(await ReadAsync(context.Request), $"{context.Request.Scheme}://{context.Request.Host}");
        var (answer, limits) = await door.AnswerAsync(call);
        var lost = answer.Status < 400 && faults.Take(FaultName.LostAnswer, call.Request) is not null;
        Record(begun, call.Request, lost ? 0 : answer.Status);
        if (lost)
        {
            context.Abort();
            return;
        }

        await WriteAsync(context, answer, limits);
    }

    private void Record(DateTimeOffset at, ArmRequest request, int status)
    {
        var operation = library.Find(request.Method, request.Path, library.Exceptions.HeldTo(request.ApiVersion ?? string.Empty) ?? request.ApiVersion ?? string.Empty);
        lock (_gate)
        {
            _requests.Add(new RequestRecord(at, request.Method, request.Path, operation?.Id ?? "unknown", status, request.Headers.GetValueOrDefault("User-Agent", string.Empty)));
        }
    }

    private static async Task<ArmRequest> ReadAsync(HttpRequest request)
    {
        JsonNode? body = null;
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            body = await ReadBodyAsync(request);
        }

        return new ArmRequest(
            request.Method,
            Uri.UnescapeDataString(request.Path.Value ?? "/"),
            request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body);
    }

    // What is no JSON is text, which fits no schema of a body.
    private static async Task<JsonNode?> ReadBodyAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync();
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static async Task WriteAsync(HttpContext context, ArmAnswer answer, IReadOnlyList<KeyValuePair<string, StringValues>> limits)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        foreach (var (name, value) in CommonHeaders)
        {
            response.Headers[name] = value;
        }

        response.Headers["x-ms-request-id"] = response.Headers["x-ms-correlation-request-id"] = Guid.NewGuid().ToString();
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        foreach (var (name, value) in limits)
        {
            response.Headers[name] = value;
        }

        if (answer.Body is null)
        {
            response.ContentLength = answer.Status == 204 ? null : 0;
            return;
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer.Body);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes);
    }

    private static readonly (string Name, string Value)[] CommonHeaders =
    [
        ("Cache-Control", "no-cache"),
        ("Pragma", "no-cache"),
        ("Expires", "-1"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Cache", "CONFIG_NOCACHE"),
    ];
}
