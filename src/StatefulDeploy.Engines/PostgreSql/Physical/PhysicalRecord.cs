using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>How far a physical copy is: a file beside green's data directory, written before each thing that cannot be seen from outside.</summary>
/// <param name="UpgradeId">The upgrade that it fills green for.</param>
/// <param name="Stage">What it is at.</param>
/// <param name="Attempt">Counts the folders that were begun, so that nothing that was left running ever writes into a new one.</param>
/// <param name="Process">The program of this stage; null when none was started.</param>
/// <param name="Lsn">The point to which the backup is recovered, and from which on the target follows; null before it is known.</param>
/// <param name="Sockets">A folder with a short name for the sockets of servers that nobody but we may reach; null before it is made.</param>
internal sealed record PhysicalRecord(string UpgradeId, PhysicalStage Stage, int Attempt, ProcessIdentity? Process, string? Lsn, string? Sockets)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the record of an upgrade; null when no physical copy is under way.</summary>
    public static async Task<PhysicalRecord?> FindAsync(EngineContext context, CancellationToken cancellationToken)
    {
        Node node = context.Target.Writer;
        string? text = node.DataDirectory is null ? null : await context.Hosts[node.Host].ReadFileAsync(FileOf(node), cancellationToken);
        PhysicalRecord? record = text is null ? null : ModelJson.Read<PhysicalRecord>(text);
        return record?.UpgradeId == context.UpgradeId ? record : null;
    }

    /// <summary>Writes it.</summary>
    public async Task<PhysicalRecord> SaveAsync(EngineContext context, CancellationToken cancellationToken)
    {
        Node node = context.Target.Writer;
        await context.Hosts[node.Host].WriteFileAsync(FileOf(node), ModelJson.Write(this), Private, cancellationToken);
        return this;
    }

    /// <summary>Where it is.</summary>
    public static string FileOf(Node node) => node.DataDirectory!.TrimEnd('/') + ".physical.json";
}
