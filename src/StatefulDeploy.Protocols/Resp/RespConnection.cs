using System.Buffers;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>
/// One client connection to a RESP server. Calls from several threads are pipelined in the order they were made.
/// A call that is given up (timeout, cancellation) may still be executed; its late answer is dropped and the connection goes on.
/// </summary>
public sealed class RespConnection : IAsyncDisposable
{
    private readonly RespConnectionOptions _options;
    private readonly Stream _stream;
    private readonly RespInput _input;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Queue<PendingReply> _pending = new();
    private readonly Task _reading;
    private Exception? _failure;
    private bool _detached;

    private RespConnection(RespConnectionOptions options, Stream stream)
    {
        _options = options;
        _stream = stream;
        _input = new RespInput(stream);
        _reading = ReadRepliesAsync();
    }

    /// <summary>Host and port of the server.</summary>
    public string Endpoint => _options.Endpoint;

    /// <summary>Whether the connection still works, as far as is known.</summary>
    public bool IsOpen => Volatile.Read(ref _failure) is null && !_detached;

    /// <summary>Connects, authenticates, and selects protocol, name and database.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RespConnectionException">The server cannot be reached within <see cref="RespConnectionOptions.ConnectTimeout"/>, or TLS fails.</exception>
    /// <exception cref="RespServerException">The server refuses credentials, protocol or database. Its code tells which; secrets are not in it.</exception>
    public static async Task<RespConnection> ConnectAsync(RespConnectionOptions options, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(options.ConnectTimeout, options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        RespConnection? connection = null;
        try
        {
            connection = new RespConnection(options, await RespTransport.OpenAsync(options, either.Token));
            await RespHandshake.RunAsync(connection, options, either.Token);
            return connection;
        }
        catch (Exception exception)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            if (exception is RespServerException || cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            string why = deadline.IsCancellationRequested ? $"no answer within {options.ConnectTimeout.TotalSeconds:0.#} s" : exception.Message;
            throw new RespConnectionException($"Cannot connect to {options.Endpoint}: {why}", exception);
        }
    }

    /// <summary>Sends a command and gives its answer.</summary>
    /// <param name="command">The command, written as <c>["SET", key, value]</c>.</param>
    /// <param name="cancellationToken">Stops waiting; whether the command is executed is then unknown.</param>
    /// <exception cref="RespServerException">The answer is an error.</exception>
    /// <exception cref="RespConnectionException">The connection broke; indeterminate.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="RespConnectionOptions.CommandTimeout"/>; indeterminate.</exception>
    public async Task<RespValue> ExecuteAsync(RespCommand command, CancellationToken cancellationToken) =>
        (await SendAsync(command, cancellationToken)).ThrowIfError();

    /// <summary>As <see cref="ExecuteAsync"/>, but an error is given back as a value.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Stops waiting; whether the command is executed is then unknown.</param>
    /// <exception cref="RespConnectionException">The connection broke; indeterminate.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="RespConnectionOptions.CommandTimeout"/>; indeterminate.</exception>
    public Task<RespValue> SendAsync(RespCommand command, CancellationToken cancellationToken) =>
        SendAsync(command, _options.CommandTimeout, cancellationToken);

    /// <summary>As <see cref="SendAsync(RespCommand, CancellationToken)"/>, with a time limit of its own, as a blocking command needs.</summary>
    /// <param name="command">The command.</param>
    /// <param name="timeout">The longest to wait for the answer; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Stops waiting; whether the command is executed is then unknown.</param>
    /// <exception cref="RespConnectionException">The connection broke; indeterminate.</exception>
    /// <exception cref="TimeoutException">No answer in time; indeterminate.</exception>
    public async Task<RespValue> SendAsync(RespCommand command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        PendingReply reply = new(detaches: false);
        return await Within(SendAllAsync([command], [reply]), reply.Task, timeout, cancellationToken);
    }

    /// <summary>Sends several commands in one go and gives their answers in order, errors as values.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Stops waiting; which commands are executed is then unknown.</param>
    /// <exception cref="RespConnectionException">The connection broke; indeterminate.</exception>
    /// <exception cref="TimeoutException">Not all answers within <see cref="RespConnectionOptions.CommandTimeout"/>; indeterminate.</exception>
    public async Task<IReadOnlyList<RespValue>> PipelineAsync(IReadOnlyList<RespCommand> commands, CancellationToken cancellationToken)
    {
        PendingReply[] replies = [.. commands.Select(_ => new PendingReply(detaches: false))];
        return await Within(SendAllAsync(commands, replies), Task.WhenAll(replies.Select(reply => reply.Task)), _options.CommandTimeout, cancellationToken);
    }

    /// <summary>
    /// Sends a command after whose answer the server sends commands itself, as <c>PSYNC</c> answered with <c>+CONTINUE</c> does.
    /// The connection then belongs to the stream and takes no more calls.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Stops waiting; the connection must then be disposed.</param>
    /// <returns>The answer, and the stream that follows it byte for byte. Disposing the stream closes the connection.</returns>
    /// <exception cref="RespServerException">The answer is an error.</exception>
    /// <exception cref="RespConnectionException">The connection broke.</exception>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public async Task<(RespValue Reply, RespCommandStream Stream)> DetachAsync(RespCommand command, CancellationToken cancellationToken)
    {
        PendingReply reply = new(detaches: true);
        RespValue value = await Within(SendAllAsync([command], [reply]), reply.Task, _options.CommandTimeout, cancellationToken);
        value.ThrowIfError();
        await _reading;
        return (value, new RespCommandStream(_stream, _input, Endpoint));
    }

    /// <summary>Closes the connection. Calls under way end with <see cref="RespConnectionException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        Fail(new RespConnectionException($"The connection to {Endpoint} was closed."));
        if (!_detached)
        {
            await _stream.DisposeAsync();
            await _reading;
            _input.Dispose();
        }
    }

    private async Task<T> Within<T>(Task sending, Task<T> replying, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await sending.WaitAsync(timeout, _options.TimeProvider, cancellationToken);
            return await replying.WaitAsync(timeout, _options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{Endpoint} did not answer within {timeout.TotalSeconds:0.###} s.", exception);
        }
    }

    private async Task SendAllAsync(IReadOnlyList<RespCommand> commands, PendingReply[] replies)
    {
        await _sending.WaitAsync();
        try
        {
            _output.ResetWrittenCount();
            foreach (RespCommand command in commands)
            {
                RespWriter.WriteCommand(_output, command);
            }

            Enqueue(replies);
            await _stream.WriteAsync(_output.WrittenMemory);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw Fail(exception);
        }
        finally
        {
            _sending.Release();
        }
    }

    private void Enqueue(PendingReply[] replies)
    {
        lock (_pending)
        {
            if (_failure is not null || _detached)
            {
                throw _failure ?? new InvalidOperationException($"The connection to {Endpoint} was handed to a stream.");
            }

            foreach (PendingReply reply in replies)
            {
                _pending.Enqueue(reply);
            }
        }
    }

    private async Task ReadRepliesAsync()
    {
        try
        {
            while (await ReadReplyAsync())
            {
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private async Task<bool> ReadReplyAsync()
    {
        RespValue value = await _input.ReadValueAsync(CancellationToken.None);
        if (value.Type == RespType.Push)
        {
            _options.PushReceived?.Invoke(value);
            return true;
        }

        PendingReply reply = Dequeue();
        if (reply.Detaches && !value.IsError)
        {
            _detached = true;
        }

        reply.SetResult(value);
        return !_detached;
    }

    private PendingReply Dequeue()
    {
        lock (_pending)
        {
            return _pending.TryDequeue(out PendingReply? reply)
                ? reply
                : throw new RespProtocolException($"{Endpoint} sent an answer to no question.");
        }
    }

    private Exception Fail(Exception cause)
    {
        List<PendingReply> lost;
        Exception failure;
        lock (_pending)
        {
            failure = _failure ??= cause as RespConnectionException ?? new RespConnectionException($"The connection to {Endpoint} broke: {cause.Message}", cause);
            lost = [.. _pending];
            _pending.Clear();
        }

        foreach (PendingReply reply in lost)
        {
            reply.SetException(failure);
        }

        return failure;
    }
}
