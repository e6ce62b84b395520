using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>
/// The register on disk: two slots that are written in turn, in place, each with a number and a checksum. The newest whole slot counts, so
/// a write that a crash tore leaves what was before. (Measured on ext4: a fifth of the time that a temporary file, a rename and a flushed
/// folder take, and it needs no free space, so a full disk cannot keep a window closed.)
/// </summary>
internal sealed class RegisterFile : IDisposable
{
    private const int SlotSize = 128 * 1024;
    private const int HeaderSize = 128;
    private const string Magic = "statefuldeploy-register";

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly byte[] _buffer = new byte[SlotSize];
    private long _number;

    private RegisterFile(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Opens the register, and makes an empty one when there is none.</summary>
    public static RegisterFile Open(string path)
    {
        if (!File.Exists(path))
            DurableFile.Replace(path, Encoding.ASCII.GetBytes(new string(' ', 2 * SlotSize)));

        return new RegisterFile(path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <summary>The newest document; null when nothing was ever written.</summary>
    /// <exception cref="UpgradeException">The file is damaged, or from a newer version.</exception>
    public RegisterDocument? Read()
    {
        var slots = new[] { ReadSlot(0), ReadSlot(1) };
        var newest = slots.MaxBy(slot => slot.Number);
        if (newest.Document is null)
            return slots.All(slot => slot.Empty) ? null : throw Damaged("neither of its two slots is whole");

        // One torn slot is what a crash leaves behind; anything else was done to the file from outside.
        if (newest.Document.Schema > RegisterDocument.CurrentSchema)
            throw Newer(newest.Document.Schema);

        _number = newest.Number;
        return newest.Document;
    }

    /// <summary>Writes a document; it is on disk when the call returns.</summary>
    public void Write(RegisterDocument document)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(document, GuardJson.Default.RegisterDocument);
        if (json.Length > SlotSize - HeaderSize)
            throw new UpgradeException("RegisterFull", $"The register '{_path}' cannot hold {json.Length} bytes.", "Split the service: it has more nodes than one guard can hold.", FailureCategory.Capacity) { Target = _path };

        var number = _number + 1;
        var header = $"{Magic} {number} {json.Length} {Convert.ToHexString(SHA256.HashData(json))}".PadRight(HeaderSize - 1) + '\n';
        Encoding.ASCII.GetBytes(header, _buffer);
        json.CopyTo(_buffer, HeaderSize);
        RandomAccess.Write(_file, _buffer.AsSpan(0, HeaderSize + json.Length), number % 2 * SlotSize);
        if (Libc.FlushData((int)_file.DangerousGetHandle()) != 0)
            throw new IOException($"'{_path}' cannot be flushed to disk.");

        _number = number;
    }

    public void Dispose() => _file.Dispose();

    private (long Number, RegisterDocument? Document, bool Empty) ReadSlot(int slot)
    {
        var bytes = new byte[SlotSize];
        var count = RandomAccess.Read(_file, bytes, (long)slot * SlotSize);
        var fields = Encoding.ASCII.GetString(bytes, 0, Math.Min(count, HeaderSize)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 0)
            return (0, null, true);

        if (fields.Length < 4 || fields[0] != Magic
            || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > count - HeaderSize)
            return (0, null, false);

        var json = bytes.AsSpan(HeaderSize, length);
        return Convert.ToHexString(SHA256.HashData(json)) == fields[3].Trim()
            ? (number, JsonSerializer.Deserialize(json, GuardJson.Default.RegisterDocument), false)
            : (0, null, false);
    }

    private UpgradeException Damaged(string how) => new(
        "RegisterDamaged",
        $"The register '{_path}' is damaged: {how}.",
        "Restore the guard's folder from a backup. Without one: make sure by hand that exactly one cluster takes writes, then remove the file.",
        FailureCategory.Damaged) { Target = _path };

    private UpgradeException Newer(int schema) => new(
        "RegisterFromNewerVersion",
        $"The register '{_path}' has schema {schema}; this version reads up to {RegisterDocument.CurrentSchema}.",
        "Go on with the version of StatefulDeploy that wrote it, or a newer one.",
        FailureCategory.Damaged) { Target = _path };
}
