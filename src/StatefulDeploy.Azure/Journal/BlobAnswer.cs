using System.Globalization;
using Azure;

namespace StatefulDeploy.Azure.Journal;

/// <summary>What Blob Storage answered.</summary>
internal sealed record BlobAnswer
{
    /// <summary>Reads an answer.</summary>
    public BlobAnswer(Response response)
    {
        Status = response.Status;
        Code = response.Headers.TryGetValue("x-ms-error-code", out var code) ? code : string.Empty;
        ETag = response.Headers.TryGetValue("ETag", out var tag) ? tag : null;
        LeaseState = response.Headers.TryGetValue("x-ms-lease-state", out var state) ? state : string.Empty;
        Blocks = response.Headers.TryGetValue("x-ms-blob-committed-block-count", out var count) ? int.Parse(count, CultureInfo.InvariantCulture) : 0;
        Body = response.ContentStream is null ? [] : response.Content.ToArray();
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The error code; empty when there is none.</summary>
    public string Code { get; }

    /// <summary>The blob's version.</summary>
    public string? ETag { get; }

    /// <summary>Whether somebody holds the blob: <c>available</c>, <c>leased</c>, <c>expired</c>, <c>breaking</c> or <c>broken</c>.</summary>
    public string LeaseState { get; }

    /// <summary>How many blocks an append blob has.</summary>
    public int Blocks { get; }

    /// <summary>What it holds.</summary>
    public byte[] Body { get; }

    /// <summary>Whether it was done.</summary>
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>Whether the blob, in a container that is there, does not exist.</summary>
    public bool IsBlobMissing => Status == 404 && Code != "ContainerNotFound";

    /// <summary>Whether it was refused because somebody else has the blob's lease, or ours has ended.</summary>
    public bool IsLeaseRefusal => Status is 409 or 412 && Code.StartsWith("Lease", StringComparison.Ordinal);
}
