using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>The register on disk. It is written in place and needs no free space, so a full disk cannot keep a window closed.</summary>
internal sealed class RegisterFile : IDisposable
{
    private const int SlotSize = 128 * 1024;
    private const string Magic = "statefuldeploy-register";

    private readonly TwoSlotFile _file;
    private readonly string _path;

    private RegisterFile(string path, TwoSlotFile file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Opens the register, and makes an empty one when there is none.</summary>
    public static RegisterFile Open(string path) => new(path, TwoSlotFile.Open(path, Magic, SlotSize));

    /// <summary>The newest document; null when nothing was ever written.</summary>
    /// <exception cref="UpgradeException">The file is damaged, or from a newer version.</exception>
    public RegisterDocument? Read()
    {
        try
        {
            var document = _file.Read() is { } json ? JsonSerializer.Deserialize(json, GuardJson.Default.RegisterDocument) : null;
            return document is { Schema: > RegisterDocument.CurrentSchema } ? throw Newer(document.Schema) : document;
        }
        catch (Exception error) when (error is InvalidDataException or JsonException)
        {
            throw Damaged(error);
        }
    }

    /// <summary>Writes a document; it is on disk when the call returns.</summary>
    /// <exception cref="UpgradeException">It is too long for the register.</exception>
    public void Write(RegisterDocument document)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(document, GuardJson.Default.RegisterDocument);
        if (json.Length > _file.Capacity)
            throw new UpgradeException("RegisterFull", $"The register '{_path}' cannot hold {json.Length} bytes.", "Split the service: it has more nodes than one guard can hold.", FailureCategory.Capacity) { Target = _path };

        _file.Write(json);
    }

    public void Dispose() => _file.Dispose();

    private UpgradeException Damaged(Exception how) => new(
        "RegisterDamaged",
        $"The register '{_path}' is damaged: {how.Message}.",
        "Restore the guard's folder from a backup. Without one: make sure by hand that exactly one cluster takes writes, then remove the file.",
        FailureCategory.Damaged,
        how) { Target = _path };

    private UpgradeException Newer(int schema) => new(
        "RegisterFromNewerVersion",
        $"The register '{_path}' has schema {schema}; this version reads up to {RegisterDocument.CurrentSchema}.",
        "Go on with the version of StatefulDeploy that wrote it, or a newer one.",
        FailureCategory.Damaged) { Target = _path };
}
