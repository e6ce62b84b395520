namespace StatefulDeploy.Guard;

/// <summary>What the register file holds. (The plan and the outcome of the open window have files of their own.)</summary>
internal sealed record RegisterDocument
{
    public const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public long Epoch { get; init; }

    public GuardLease? Lease { get; init; }

    public IReadOnlyDictionary<string, NodeRight> Rights { get; init; } = new Dictionary<string, NodeRight>(StringComparer.Ordinal);

    public string? WindowId { get; init; }

    public bool TargetOpened { get; init; }

    public static RegisterDocument Of(RegisterState state) => new()
    {
        Epoch = state.Epoch,
        Lease = state.Lease,
        Rights = state.Rights,
        WindowId = state.Window?.Plan.WindowId,
        TargetOpened = state.Window?.TargetOpened ?? false,
    };

    /// <summary>Whether another document says the same.</summary>
    public bool Says(RegisterDocument other) =>
        Epoch == other.Epoch && Lease == other.Lease && WindowId == other.WindowId && TargetOpened == other.TargetOpened && ReferenceEquals(Rights, other.Rights);
}
