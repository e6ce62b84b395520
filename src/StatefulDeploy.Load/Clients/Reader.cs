using StatefulDeploy.Load.Accounts;

namespace StatefulDeploy.Load.Clients;

/// <summary>Reads what is known to be acknowledged, and holds the service to it.</summary>
internal sealed class Reader(ILedgerEndpoint endpoint, LedgerOptions options, TimeProvider time, Findings findings, IReadOnlyList<WriterAccount> accounts, int index, double phase)
    : LoadClient(endpoint, options, time, findings)
{
    private readonly Random _choice = new((options.Seed * 7919) + index);
    private readonly LedgerRead[] _reads = new LedgerRead[options.Pipeline];
    private readonly LedgerReply[] _replies = new LedgerReply[options.Pipeline];
    private readonly long[] _floors = new long[options.Pipeline];
    private readonly long[] _seen = new long[accounts.Count];
    private long _turn;

    protected override string Name => FormattableString.Invariant($"reader {index}");

    protected override Timeline Answers { get; } = new();

    protected override Pacer Pacer { get; } = new(options.ReadsPerSecond / options.Pipeline, time, phase);

    protected override bool Finished => false;

    public Timeline Reads => Answers;

    protected override async Task<bool> StepAsync(ILedgerClient connection, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _reads.Length; i++)
        {
            _reads[i] = Choose();
            _floors[i] = Math.Max(accounts[_reads[i].Client].CounterFloor, _seen[_reads[i].Client]);
            _replies[i] = default;
        }

        try
        {
            await connection.ReadAsync(_reads, _replies, cancellationToken);
        }
        finally
        {
            for (var i = 0; i < _reads.Length; i++)
            {
                Judge(_reads[i], _replies[i], _floors[i]);
            }
        }

        return _replies.AsSpan().ContainsAnswer(LedgerAnswer.Rejected);
    }

    /// <summary>By turns the newest record of a writer, an older one, and its counter: what a lagging server shows wrong first.</summary>
    private LedgerRead Choose()
    {
        var account = accounts[_choice.Next(accounts.Count)];
        var newest = account.LastRecord;
        var turn = _turn++ % 3;
        if (newest < 0 || (turn == 0 && account.CounterCeiling > 0))
        {
            return new LedgerRead(account.Client, LedgerRead.Counter);
        }

        var older = _choice.NextInt64(newest + 1);
        var known = account[older] == WriteState.Acknowledged && account.KindsOf(older).HasFlag(LedgerWriteKinds.Record);
        return new LedgerRead(account.Client, turn == 1 && known ? older : newest);
    }

    private void Judge(in LedgerRead read, in LedgerReply reply, long floor)
    {
        switch (reply.Answer)
        {
            case LedgerAnswer.None:
                Counts.FailedReads++;
                return;
            case LedgerAnswer.Rejected:
                Counts.FailedReads++;
                Findings.Add($"{Name}: read of {Words(read)} was refused: {reply.Error}");
                LookAgainAfter(reply.Error);
                return;
            case LedgerAnswer.Damaged:
                Counts.WrongReads++;
                Findings.Add($"{Name}: {Words(read)} has a value that nobody wrote");
                return;
        }

        if (read.Number == LedgerRead.Counter)
        {
            JudgeCounter(read, reply, floor);
        }
        else if (reply.Answer == LedgerAnswer.Missing)
        {
            Counts.MissingReads++;
            Findings.Add($"{Name}: {Words(read)} was acknowledged and is not found");
        }
        else
        {
            Right(reply.At);
        }
    }

    private void JudgeCounter(in LedgerRead read, in LedgerReply reply, long floor)
    {
        _seen[read.Client] = Math.Max(_seen[read.Client], reply.Counter);
        if (reply.Counter < floor)
        {
            Counts.StaleReads++;
            Findings.Add($"{Name}: {Words(read)} is {reply.Counter} after it had been {floor}");
        }
        else if (reply.Counter > accounts[read.Client].CounterCeiling)
        {
            Counts.WrongReads++;
            Findings.Add($"{Name}: {Words(read)} is {reply.Counter}, more than was ever sent");
        }
        else
        {
            Right(reply.At);
        }
    }

    private void Right(long at)
    {
        Counts.Reads++;
        Answers.Add(at);
    }

    private static string Words(in LedgerRead read) => read.Number == LedgerRead.Counter
        ? FormattableString.Invariant($"the counter of writer {read.Client}")
        : FormattableString.Invariant($"record {read.Number} of writer {read.Client}");
}
