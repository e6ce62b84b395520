using StatefulDeploy.Load.Accounts;

namespace StatefulDeploy.Load.Clients;

/// <summary>Writes numbers and remembers what was said to each.</summary>
internal sealed class Writer(ILedgerEndpoint endpoint, LedgerOptions options, TimeProvider time, Findings findings, WriterAccount account, double phase)
    : LoadClient(endpoint, options, time, findings)
{
    private readonly LedgerWrite[] _writes = new LedgerWrite[options.Pipeline];
    private readonly LedgerReply[] _replies = new LedgerReply[options.Pipeline];

    protected override string Name => FormattableString.Invariant($"writer {account.Client}");

    protected override Timeline Answers => account.Acknowledgements;

    protected override Pacer Pacer { get; } = new(options.WritesPerSecond / options.Pipeline, time, phase);

    protected override bool Finished => Options.WritesPerClient > 0 && account.Count >= Options.WritesPerClient;

    protected override async Task<bool> StepAsync(ILedgerClient connection, CancellationToken cancellationToken)
    {
        var count = Begin();
        var asked = Time.GetTimestamp();
        try
        {
            await connection.WriteAsync(_writes.AsMemory(0, count), _replies.AsMemory(0, count), cancellationToken);
        }
        finally
        {
            Settle(count, asked);
        }

        return _replies.AsSpan(0, count).ContainsAnswer(LedgerAnswer.Rejected);
    }

    private int Begin()
    {
        var left = Options.WritesPerClient > 0 ? Options.WritesPerClient - account.Count : long.MaxValue;
        var count = (int)Math.Min(_writes.Length, left);
        for (var i = 0; i < count; i++)
        {
            _writes[i] = account.Begin();
            _replies[i] = default;
        }

        return count;
    }

    private void Settle(int count, long asked)
    {
        for (var i = 0; i < count; i++)
        {
            var right = account.Settle(_writes[i], _replies[i], asked);
            if (!right)
            {
                Counts.CounterAnomalies++;
                Findings.Add($"{Name}: number {_writes[i].Number} was answered with counter {_replies[i].Counter}, which contradicts what was acknowledged before");
            }

            Tally(_writes[i], _replies[i]);
        }
    }

    private void Tally(in LedgerWrite write, in LedgerReply reply)
    {
        switch (reply.Answer)
        {
            case LedgerAnswer.Done:
                Counts.Acknowledged++;
                break;
            case LedgerAnswer.None:
                Counts.Indeterminate++;
                break;
            default:
                Counts.FailedWrites++;
                Findings.Add($"{Name}: number {write.Number} was refused: {reply.Error}");
                LookAgainAfter(reply.Error);
                break;
        }
    }
}
