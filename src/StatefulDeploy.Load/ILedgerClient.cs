namespace StatefulDeploy.Load;

/// <summary>
/// One connection to the service. Not for concurrent use. Whatever it throws, the connection is of no more use, and a request
/// whose reply was not filled in was not answered.
/// </summary>
/// <remarks>
/// An <see cref="IOException"/> means that the other side dropped the connection; an <see cref="OperationCanceledException"/>
/// that the caller gave up waiting.
/// </remarks>
public interface ILedgerClient : IAsyncDisposable
{
    /// <summary>Connects and signs in.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="IOException">The service cannot be reached or refused the connection.</exception>
    Task ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Sends all the writes at once and waits for their answers.</summary>
    /// <param name="writes">What to write, in order.</param>
    /// <param name="replies">Filled in as the answers come, in the same order.</param>
    /// <param name="cancellationToken">Ends the wait; writes without an answer are indeterminate then.</param>
    Task WriteAsync(ReadOnlyMemory<LedgerWrite> writes, Memory<LedgerReply> replies, CancellationToken cancellationToken);

    /// <summary>Sends all the reads at once and waits for their answers.</summary>
    /// <param name="reads">What to read, in order.</param>
    /// <param name="replies">Filled in as the answers come, in the same order.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task ReadAsync(ReadOnlyMemory<LedgerRead> reads, Memory<LedgerReply> replies, CancellationToken cancellationToken);

    /// <summary>Reads back all numbers of a client's list or text, the first written first.</summary>
    /// <param name="client">The client that wrote them.</param>
    /// <param name="kind"><see cref="LedgerWriteKinds.List"/> or <see cref="LedgerWriteKinds.Append"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The numbers; -1 in place of what is no number.</returns>
    Task<IReadOnlyList<long>> ReadEntriesAsync(int client, LedgerWriteKinds kind, CancellationToken cancellationToken);
}
