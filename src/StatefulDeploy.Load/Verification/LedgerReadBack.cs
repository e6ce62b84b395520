using StatefulDeploy.Load.Accounts;

namespace StatefulDeploy.Load.Verification;

/// <summary>Reads everything that a ledger wrote back and judges it.</summary>
internal sealed class LedgerReadBack(ILedgerEndpoint endpoint, LedgerOptions options, TimeProvider time, IReadOnlyList<WriterAccount> accounts)
{
    private const int AtOnce = 200;

    private readonly Tally _tally = new();

    /// <summary>A counter that is there before the first write would make every figure wrong.</summary>
    public async Task RequireEmptyAsync(CancellationToken cancellationToken)
    {
        if (accounts.Count == 0 || !options.Kinds.HasFlag(LedgerWriteKinds.Counter))
        {
            return;
        }

        await using var client = endpoint.NewClient(options, time);
        await client.ConnectAsync(cancellationToken);
        if (await ReadCounterAsync(client, 0, cancellationToken) != 0)
        {
            throw new InvalidOperationException($"The prefix '{options.Prefix}' is in use on this service: a ledger starts on empty keys.");
        }
    }

    public async Task<LedgerVerdict> RunAsync(CancellationToken cancellationToken)
    {
        await using var client = endpoint.NewClient(options, time);
        await client.ConnectAsync(cancellationToken);
        foreach (var account in accounts)
        {
            var presence = new Presence(account, _tally);
            if (options.Kinds.HasFlag(LedgerWriteKinds.Record))
            {
                await CheckRecordsAsync(client, account, presence, cancellationToken);
            }

            if (options.Kinds.HasFlag(LedgerWriteKinds.List))
            {
                presence.Entries(LedgerWriteKinds.List, await client.ReadEntriesAsync(account.Client, LedgerWriteKinds.List, cancellationToken));
            }

            if (options.Kinds.HasFlag(LedgerWriteKinds.Append))
            {
                presence.Entries(LedgerWriteKinds.Append, await client.ReadEntriesAsync(account.Client, LedgerWriteKinds.Append, cancellationToken));
            }

            if (options.Kinds.HasFlag(LedgerWriteKinds.Counter))
            {
                presence.Counter(await ReadCounterAsync(client, account.Client, cancellationToken));
            }

            presence.Transactions(options);
        }

        return _tally.ToVerdict();
    }

    private static async Task<long> ReadCounterAsync(ILedgerClient client, int writer, CancellationToken cancellationToken)
    {
        var replies = new LedgerReply[1];
        await client.ReadAsync(new[] { new LedgerRead(writer, LedgerRead.Counter) }, replies, cancellationToken);
        return replies[0].Answer switch
        {
            LedgerAnswer.Done => replies[0].Counter,
            LedgerAnswer.Missing => 0,
            LedgerAnswer.Damaged => -1,
            _ => throw new IOException($"The counter could not be read back: {replies[0].Error}"),
        };
    }

    private static async Task CheckRecordsAsync(ILedgerClient client, WriterAccount account, Presence presence, CancellationToken cancellationToken)
    {
        var reads = new List<LedgerRead>(AtOnce);
        var replies = new LedgerReply[AtOnce];
        for (long number = 0; number < account.Count; number++)
        {
            if (account.KindsOf(number).HasFlag(LedgerWriteKinds.Record))
            {
                reads.Add(new LedgerRead(account.Client, number));
            }

            if (reads.Count == AtOnce || (number == account.Count - 1 && reads.Count > 0))
            {
                await client.ReadAsync(reads.ToArray(), replies.AsMemory(0, reads.Count), cancellationToken);
                Enter(presence, reads, replies);
                reads.Clear();
            }
        }
    }

    private static void Enter(Presence presence, List<LedgerRead> reads, LedgerReply[] replies)
    {
        for (var i = 0; i < reads.Count; i++)
        {
            if (replies[i].Answer is LedgerAnswer.None or LedgerAnswer.Rejected)
            {
                throw new IOException($"A record could not be read back: {replies[i].Error}");
            }

            presence.Record(reads[i].Number, replies[i].Answer);
        }
    }
}
