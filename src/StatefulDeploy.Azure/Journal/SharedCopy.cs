using StatefulDeploy.Posix;

namespace StatefulDeploy.Azure.Journal;

/// <summary>
/// This machine's copy of a shared journal, byte for byte: what is written goes here first and to the shared one behind it. So long as it
/// begins with all that the shared one has, what it has more are lines that only have not got there yet.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class SharedCopy(string path)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What it holds; nothing when there is none. May end in a line that is being written.</summary>
    public byte[] Read() => ReadFrom(0);

    /// <summary>What it holds from an offset on.</summary>
    public byte[] ReadFrom(long offset)
    {
        if (!File.Exists(Path))
            return [];

        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(offset, SeekOrigin.Begin);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The journal as this machine knows it: the shared one, and behind it what has not got there yet.</summary>
    public byte[] Over(byte[] shared)
    {
        var own = Read();
        return own.AsSpan().StartsWith(shared) ? own : shared;
    }

    /// <summary>
    /// Makes it begin with all that the shared one has. Lines of its own that the shared one went on without are put aside: whoever went on
    /// had taken the service over, and settled what they were about.
    /// </summary>
    public void Adopt(byte[] shared)
    {
        var own = Read();
        if (own.AsSpan().StartsWith(shared))
            return;

        DurableFile.CreateFolder(System.IO.Path.GetDirectoryName(Path)!);
        if (!shared.AsSpan().StartsWith(own))
            File.Move(Path, $"{Path}.superseded-{DateTime.UtcNow:yyyyMMdd'T'HHmmssfff'Z'}");

        DurableFile.Replace(Path, shared);
    }
}
