using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>Files of this machine as one archive, to be sent to another.</summary>
internal static class FolderArchive
{
    public static async Task<ReadOnlyMemory<byte>> PackAsync(string root, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        using var packed = new MemoryStream();
        await using (var zipped = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        await using (var archive = new TarWriter(zipped, TarEntryFormat.Pax))
        {
            foreach (var file in files)
                await archive.WriteEntryAsync(Path.Combine(root, file), file, cancellationToken);
        }

        return packed.ToArray();
    }

    public static string Checksum(ReadOnlyMemory<byte> archive) => Convert.ToHexString(SHA256.HashData(archive.Span)).ToLowerInvariant();
}
