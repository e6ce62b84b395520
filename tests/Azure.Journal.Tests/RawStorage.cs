using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using StatefulDeploy.Azure.Journal;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>What somebody does to blobs with the account's key, past the product.</summary>
internal sealed class RawStorage(string place)
{
    private readonly HttpPipeline _pipeline =
        HttpPipelineBuilder.Build(new Options(), [], [BlobAuthorization.ByKey(AzuriteServer.Account, AzuriteServer.Key)], new ResponseClassifier());

    /// <summary>Makes an append blob that holds a text.</summary>
    public async Task WriteJournalAsync(string blob, string text)
    {
        await SendAsync(RequestMethod.Put, "/" + blob, null, ("x-ms-blob-type", "AppendBlob"));
        await AppendAsync(blob, text);
    }

    public Task AppendAsync(string blob, string text) => SendAsync(RequestMethod.Put, $"/{blob}?comp=appendblock", text);

    public async Task<string> ReadAsync(string blob) => Encoding.UTF8.GetString((await SendAsync(RequestMethod.Get, "/" + blob, null)).Body);

    private async Task<BlobAnswer> SendAsync(RequestMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(place + path));
        message.Request.Headers.Add("x-ms-version", "2023-11-03");
        foreach (var (name, value) in headers)
        {
            message.Request.Headers.Add(name, value);
        }

        message.Request.Content = body is null ? null : RequestContent.Create(Encoding.UTF8.GetBytes(body));
        await _pipeline.SendAsync(message, CancellationToken.None);
        var answer = new BlobAnswer(message.Response);
        Assert.True(answer.Succeeded, $"{method} {path}: {answer.Status} {answer.Code} {Encoding.UTF8.GetString(answer.Body)}");
        return answer;
    }

    private sealed class Options : ClientOptions;
}
