using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>Stands between a store and storage, and does to each append what a test orders.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly HttpClient _client = new();
    private readonly WebApplication _server;
    private readonly int _target;

    private FaultProxy(int target)
    {
        _target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; } = FreePort.Take();

    /// <summary>What becomes of the next append.</summary>
    public Func<Fault> OnAppend { get; set; } = () => Fault.None;

    /// <summary>How many requests it has spoiled.</summary>
    public int Spoiled { get; private set; }

    public static async Task<FaultProxy> StartAsync(int target)
    {
        var proxy = new FaultProxy(target);
        await proxy._server.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var fault = context.Request.Query["comp"] == "appendblock" ? OnAppend() : Fault.None;
        Spoiled += fault == Fault.None ? 0 : 1;
        if (fault is Fault.Throttled or Fault.Unavailable)
        {
            context.Response.StatusCode = fault == Fault.Throttled ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "0";
            context.Response.Headers["x-ms-error-code"] = "ServerBusy";
            return;
        }

        if (fault != Fault.CutBefore)
        {
            using var answer = await ForwardAsync(context.Request);
            if (fault != Fault.CutAfter)
            {
                await PassOnAsync(answer, context.Response);
                return;
            }
        }

        context.Abort();
    }

    private async Task<HttpResponseMessage> ForwardAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), new UriBuilder(request.GetEncodedUrl()) { Port = _target }.Uri);
        if (HttpMethods.IsPut(request.Method))
            forwarded.Content = new ByteArrayContent(body.ToArray());

        foreach (var (name, values) in request.Headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Connection")))
        {
            if (!forwarded.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                forwarded.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return await _client.SendAsync(forwarded);
    }

    private static async Task PassOnAsync(HttpResponseMessage answer, HttpResponse response)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Connection" or "Keep-Alive" or "Transfer-Encoding" or "Content-Length")))
        {
            response.Headers[name] = values.ToArray();
        }

        if (response.StatusCode != StatusCodes.Status304NotModified && !HttpMethods.IsHead(response.HttpContext.Request.Method))
            await answer.Content.CopyToAsync(response.Body);
    }
}
