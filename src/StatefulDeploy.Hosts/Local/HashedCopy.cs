using System.Security.Cryptography;

namespace StatefulDeploy.Hosts.Local;

/// <summary>A copy of a file that is on disk when it is done, with the checksum of what was read.</summary>
internal static class HashedCopy
{
    private const int BufferSize = 1 << 20;

    public static async Task<string> RunAsync(string from, string to, CancellationToken cancellationToken)
    {
        var temporary = $"{to}.{Guid.NewGuid():N}.tmp";
        try
        {
            var hash = await CopyAsync(from, temporary, cancellationToken);
            File.Move(temporary, to, overwrite: true);
            Posix.DurableFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
            return hash;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileFailure.Of(error, error is FileNotFoundException ? from : to, error is FileNotFoundException ? "read" : "written");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task<string> CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
        await using var target = new FileStream(to, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = File.GetUnixFileMode(from),
        });
        var buffer = new byte[BufferSize];
        for (int count; (count = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        target.Flush(flushToDisk: true);
        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }
}
