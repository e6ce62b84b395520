using System.Globalization;
using System.Xml.Linq;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Journal;

/// <summary>
/// The requests to Blob Storage that shared journals need (learn.microsoft.com/rest/api/storageservices/blob-service-rest-api), on Azure.Core's
/// pipeline: it waits out Retry-After, and sends again what was throttled, failed on the server's side or was not answered. All of them can be sent twice.
/// </summary>
internal sealed class BlobContainer
{
    private const string Version = "2023-11-03";
    private readonly HttpPipeline _pipeline;

    public BlobContainer(BlobAddress address, HttpPipelinePolicy authorization, HttpPipelineTransport? transport = null)
    {
        Address = address;
        var options = new Options();
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(4);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        if (transport is not null)
            options.Transport = transport;

        _pipeline = HttpPipelineBuilder.Build(options, [], [authorization], new ResponseClassifier());
    }

    private BlobContainer(BlobAddress address, HttpPipeline pipeline)
    {
        Address = address;
        _pipeline = pipeline;
    }

    /// <summary>Where it is.</summary>
    public BlobAddress Address { get; }

    /// <summary>The same, below a longer prefix.</summary>
    public BlobContainer Below(string folder) => new(Address.Below(folder), _pipeline);

    /// <summary>Reads a blob, from an offset on, or unless it is still the version that is known.</summary>
    public Task<BlobAnswer> GetAsync(string blob, CancellationToken cancellationToken, string? unless = null, long from = 0) =>
        SendAsync(RequestMethod.Get, blob, "reading", cancellationToken, headers: [("If-None-Match", unless), ("x-ms-range", from > 0 ? $"bytes={from}-" : null)]);

    /// <summary>Asks how a blob is.</summary>
    public Task<BlobAnswer> LookAsync(string blob, CancellationToken cancellationToken) => SendAsync(RequestMethod.Head, blob, "looking", cancellationToken);

    /// <summary>Makes an append blob, unless there is a blob of that name.</summary>
    public async Task MakeForAppendingAsync(string blob, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(RequestMethod.Put, blob, "making a journal", cancellationToken, headers: [("x-ms-blob-type", "AppendBlob"), ("If-None-Match", "*")]);
        if (!IsThere(answer))
            answer.OrThrow(Address, "making a journal");
    }

    /// <summary>Appends, if the blob is exactly that long and the lease is held.</summary>
    public Task<BlobAnswer> AppendAsync(string blob, ReadOnlyMemory<byte> bytes, long position, string lease, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Put, blob, "appending", cancellationToken, "comp=appendblock", [("x-ms-blob-condition-appendpos", position.ToString(CultureInfo.InvariantCulture)), ("x-ms-lease-id", lease)], bytes);

    /// <summary>Writes a small blob as a whole; with <paramref name="anew"/> only if there is none.</summary>
    public async Task PutAsync(string blob, string text, string? lease, bool anew, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(RequestMethod.Put, blob, "writing", cancellationToken, headers: [("x-ms-blob-type", "BlockBlob"), ("x-ms-lease-id", lease), ("If-None-Match", anew ? "*" : null)], body: System.Text.Encoding.UTF8.GetBytes(text));
        if (!(anew && IsThere(answer)))
            answer.OrThrow(Address, $"writing '{blob}'");
    }

    /// <summary>Removes a blob, if it is there.</summary>
    public async Task RemoveAsync(string blob, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(RequestMethod.Delete, blob, "removing", cancellationToken);
        if (!answer.IsBlobMissing)
            answer.OrThrow(Address, $"removing '{blob}'");
    }

    /// <summary>Takes, renews, changes or gives back the lease of a blob.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="action"><c>acquire</c>, <c>renew</c>, <c>change</c> or <c>release</c>.</param>
    /// <param name="held">The lease that is held; null when one is acquired.</param>
    /// <param name="wanted">The lease that is wanted; null when it is renewed or released.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<BlobAnswer> LeaseAsync(string blob, string action, string? held, string? wanted, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Put, blob, "leasing", cancellationToken, "comp=lease",
        [
            ("x-ms-lease-action", action), ("x-ms-lease-id", held), ("x-ms-proposed-lease-id", wanted),
            ("x-ms-lease-duration", action == "acquire" ? BlobLease.TimeToLive.TotalSeconds.ToString(CultureInfo.InvariantCulture) : null),
        ]);

    /// <summary>The names of the blobs in a folder, without the address' prefix.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var marker = string.Empty;
        do
        {
            var query = $"restype=container&comp=list&prefix={Uri.EscapeDataString(Address.Prefix + folder)}{(marker.Length > 0 ? $"&marker={Uri.EscapeDataString(marker)}" : string.Empty)}";
            var answer = (await SendAsync(RequestMethod.Get, null, "listing", cancellationToken, query)).OrThrow(Address, "listing");
            using var body = new MemoryStream(answer.Body);
            var document = XDocument.Load(body);
            names.AddRange(document.Descendants("Name").Select(name => name.Value[Address.Prefix.Length..]));
            marker = document.Root?.Element("NextMarker")?.Value ?? string.Empty;
        }
        while (marker.Length > 0);

        return names;
    }

    // With a condition on the name's being free: 409 says that there is one, 412 that it is leased as well.
    private static bool IsThere(BlobAnswer answer) => answer.Code == "BlobAlreadyExists" || answer.Status == 412;

    private async Task<BlobAnswer> SendAsync(RequestMethod method, string? blob, string what, CancellationToken cancellationToken, string query = "", IReadOnlyList<(string Name, string? Value)>? headers = null, ReadOnlyMemory<byte>? body = null)
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(blob is null ? Address.Container.AbsoluteUri : $"{Address.Container.AbsoluteUri}/{Address.Prefix}{blob}"));
        message.Request.Uri.Query = query;
        message.Request.Headers.Add("x-ms-version", Version);
        foreach (var (name, value) in headers ?? [])
        {
            if (value is not null)
                message.Request.Headers.Add(name, value);
        }

        if (body is { } bytes)
            message.Request.Content = RequestContent.Create(bytes);

        try
        {
            await _pipeline.SendAsync(message, cancellationToken);
            return new BlobAnswer(message.Response);
        }
        catch (AuthenticationFailedException exception)
        {
            throw new UpgradeException("JournalSignInFailed", $"Signing in for the shared journal '{Address}' failed: {exception.Message}", "Sign in (az login, a managed identity, or the variables of a service principal), or name a key or SAS under 'journal' in the service file.", FailureCategory.AccessDenied, exception) { Target = Address.ToString() };
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException or HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw BlobFailures.Unreachable(Address, what, (exception as AggregateException)?.InnerExceptions[^1].Message ?? exception.Message, exception);
        }
    }

    private sealed class Options : ClientOptions;
}
