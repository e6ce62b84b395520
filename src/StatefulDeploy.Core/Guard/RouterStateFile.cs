using System.Globalization;
using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>
/// The state of all instances of a router, in the guard's folder: one file for all, so that who comes late with an older epoch is refused
/// before he has changed the first of them. It is locked only while the epoch is compared and stored.
/// </summary>
/// <param name="folder">The guard's folder; it is made at need.</param>
/// <param name="kind">The kind of router.</param>
public sealed class RouterStateFile(string folder, string kind)
{
    private const string Magic = "statefuldeploy-router";
    private const int SlotSize = 512;
    private static readonly TimeSpan TurnWithin = TimeSpan.FromSeconds(2);

    private string PathOfFile => Path.Combine(folder, $"router-{kind}");

    /// <summary>Reads it.</summary>
    public async Task<RouterState> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(PathOfFile))
            return new RouterState(0, false);

        using var turn = await TakeTurnAsync(cancellationToken);
        using var file = TwoSlotFile.Open(PathOfFile, Magic, SlotSize);
        return Parse(file.Read());
    }

    /// <summary>Stores that an epoch changes the routers now.</summary>
    /// <exception cref="UpgradeException">A later one has changed them.</exception>
    public async Task NoteAsync(long epoch, bool holding, CancellationToken cancellationToken)
    {
        DurableFile.CreateFolder(folder);
        using var turn = await TakeTurnAsync(cancellationToken);
        using var file = TwoSlotFile.Open(PathOfFile, Magic, SlotSize);
        var state = Parse(file.Read());
        if (epoch < state.Epoch)
            throw new UpgradeException("StaleEpoch", $"The {kind} was changed under epoch {state.Epoch}; epoch {epoch} has ended.", "Somebody else has taken over; look at the upgrade's state.", FailureCategory.StaleEpoch) { Target = epoch };

        if (state != new RouterState(epoch, holding))
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{epoch} {(holding ? 1 : 0)}")));
    }

    private static RouterState Parse(byte[]? document) => document is null || Encoding.ASCII.GetString(document).Split(' ') is not [var epoch, var holding]
        ? new RouterState(0, false)
        : new RouterState(long.Parse(epoch, CultureInfo.InvariantCulture), holding == "1");

    private async Task<FileLock> TakeTurnAsync(CancellationToken cancellationToken) => await FileLock.TakeAsync(PathOfFile + ".lock", TurnWithin, cancellationToken)
        ?? throw new UpgradeException("RouterStateLocked", $"'{PathOfFile}.lock' is held by another process.", "End it, then run the step again.", FailureCategory.Timeout) { Target = PathOfFile };
}
