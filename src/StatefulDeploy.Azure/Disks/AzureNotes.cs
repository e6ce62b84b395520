using System.Text.Json;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Azure.Disks;

/// <summary>
/// What must not be forgotten when this process ends: the operation that goes on at a machine, and how a disk was attached before it was
/// detached. Small files in the state folder, for their owner alone.
/// </summary>
/// <param name="folder">The folder; it is made at need.</param>
internal sealed class AzureNotes(string folder)
{
    /// <summary>The operation that was begun at a resource and whose end was not seen; null for none.</summary>
    public ArmOperation? OperationAt(ResourceId resource) => Read<ArmOperation>(FileOf(resource, "operation"));

    /// <summary>Notes an operation before it is waited for.</summary>
    public void Begin(ResourceId resource, ArmOperation operation) => Write(FileOf(resource, "operation"), operation);

    /// <summary>Its end was seen.</summary>
    public void End(ResourceId resource)
    {
        if (File.Exists(FileOf(resource, "operation")))
            File.Delete(FileOf(resource, "operation"));
    }

    /// <summary>How a disk was attached when it was last seen attached; null when that was never.</summary>
    public DiskPlace? PlaceOf(ResourceId disk) => Read<DiskPlace>(FileOf(disk, "place"));

    /// <summary>Notes how a disk is attached, before it is detached.</summary>
    public void Keep(ResourceId disk, DiskPlace place) => Write(FileOf(disk, "place"), place);

    private string FileOf(ResourceId resource, string what) =>
        Path.Combine(folder, $"{resource.Group}.{resource.LastName}.{what}.json".ToLowerInvariant());

    private static T? Read<T>(string file)
        where T : class
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<T>(File.ReadAllText(file)) : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UpgradeException("NoteDamaged", $"The note '{file}' about Azure cannot be read: {exception.Message}", "Remove the file: what is at Azure is looked at anew.", FailureCategory.Damaged, exception) { Target = file };
        }
    }

    private void Write<T>(string file, T note)
    {
        DurableFile.CreateFolder(folder);
        DurableFile.Replace(file, JsonSerializer.Serialize(note));
    }
}
