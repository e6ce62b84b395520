namespace StatefulDeploy.Load.Accounts;

/// <summary>
/// The memory of one writer: the state of every number it ever used. One writer changes it; readers look at the same time, and
/// may then see a state that is a moment old, never one that was not.
/// </summary>
internal sealed class WriterAccount(int client, LedgerOptions options)
{
    private readonly LedgerWriteKinds[] _turns = Split(options.Kinds);
    private byte[] _states = new byte[1024];
    private long _count;
    private long _lastRecord = -1;
    private long _counterFloor;
    private long _countersSent;
    private long _countersAcknowledged;
    private long _countersOpen;

    public int Client => client;

    public Timeline Acknowledgements { get; } = new();

    /// <summary>How many numbers were used.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The newest acknowledged record, or -1.</summary>
    public long LastRecord => Volatile.Read(ref _lastRecord);

    /// <summary>The highest value of the counter that was acknowledged: no read sent from now on may see less.</summary>
    public long CounterFloor => Volatile.Read(ref _counterFloor);

    /// <summary>No read answered until now may have seen more.</summary>
    public long CounterCeiling => Volatile.Read(ref _countersSent);

    public WriteState this[long number] => number < Count ? (WriteState)Volatile.Read(ref Volatile.Read(ref _states)[number]) : WriteState.Unsent;

    public LedgerWriteKinds KindsOf(long number) => options.Transactions ? options.Kinds : _turns[number % _turns.Length];

    /// <summary>Takes the next number. From here on it may be on the service.</summary>
    public LedgerWrite Begin()
    {
        var number = _count;
        if (number == _states.Length)
        {
            var longer = new byte[_states.Length * 2];
            _states.CopyTo(longer, 0);
            Volatile.Write(ref _states, longer);
        }

        var kinds = KindsOf(number);
        _states[number] = (byte)WriteState.Sent;
        if (kinds.HasFlag(LedgerWriteKinds.Counter))
        {
            Volatile.Write(ref _countersSent, _countersSent + 1);
        }

        Volatile.Write(ref _count, number + 1);
        return new LedgerWrite(client, number, kinds, options.Transactions);
    }

    /// <summary>Enters what was said to a write.</summary>
    /// <param name="write">The write.</param>
    /// <param name="reply">What was said.</param>
    /// <param name="asked">When it was sent, as a timestamp of the ledger's clock.</param>
    /// <returns>False if the counter's value in it contradicts what was acknowledged before.</returns>
    public bool Settle(in LedgerWrite write, in LedgerReply reply, long asked)
    {
        var counts = write.Kinds.HasFlag(LedgerWriteKinds.Counter);
        if (reply.Answer != LedgerAnswer.Done)
        {
            _states[write.Number] = (byte)(reply.Answer == LedgerAnswer.None ? WriteState.Sent : WriteState.Rejected);
            _countersOpen += counts ? 1 : 0;
            return true;
        }

        _states[write.Number] = (byte)WriteState.Acknowledged;
        Acknowledgements.Add(reply.At, asked);
        if (write.Kinds.HasFlag(LedgerWriteKinds.Record))
        {
            Volatile.Write(ref _lastRecord, write.Number);
        }

        return !counts || SettleCounter(reply.Counter);
    }

    private bool SettleCounter(long value)
    {
        _countersAcknowledged++;
        var right = value > _counterFloor && value >= _countersAcknowledged && value <= _countersAcknowledged + _countersOpen;
        Volatile.Write(ref _counterFloor, Math.Max(_counterFloor, value));
        return right;
    }

    private static LedgerWriteKinds[] Split(LedgerWriteKinds kinds)
    {
        var turns = Enum.GetValues<LedgerWriteKinds>()
            .Where(kind => kind is LedgerWriteKinds.Record or LedgerWriteKinds.Counter or LedgerWriteKinds.List or LedgerWriteKinds.Append && kinds.HasFlag(kind))
            .ToArray();
        return turns.Length > 0 ? turns : throw new ArgumentException("A ledger writes at least one kind.", nameof(kinds));
    }
}
