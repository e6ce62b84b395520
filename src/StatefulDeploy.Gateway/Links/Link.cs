namespace StatefulDeploy.Gateway.Links;

/// <summary>
/// A byte stream to a client or a server. Sends go out at once from the caller's own bytes where the socket takes them; only the rest is copied.
/// All members are called under the owner's lock, which the link takes itself before it calls the owner.
/// </summary>
internal abstract class Link : IDisposable
{
    private const int SmallestBuffer = 4 * 1024;
    private const int LargestBuffer = 64 * 1024;
    private const int RoundsBeforeShrinking = 64;

    // A link whose bytes never end must let others have the thread now and then.
    private const int RoundsBeforeYielding = 32;

    private byte[] _buffer = [];
    private int _kept;
    private int _smallRounds;
    private bool _wasFilled;
    private bool _paused;
    private bool _receiving;
    private bool _ended;
    private ILinkOwner? _owner;

    protected Link(object gate)
    {
        Gate = gate;
    }

    /// <summary>Bytes that wait for the peer to take them.</summary>
    public int Unsent => Outbound.Waiting;

    public bool IsClosed { get; private set; }

    /// <summary>Whether the peer can be sent nothing any more.</summary>
    public bool IsBroken { get; private set; }

    protected object Gate { get; }

    protected OutboundBuffer Outbound { get; } = new();

    /// <summary>Starts to receive.</summary>
    public void Start(ILinkOwner owner)
    {
        _owner = owner;
        Resume();
    }

    public void Pause() => _paused = true;

    public void Resume()
    {
        _paused = false;
        if (_receiving || IsClosed || _owner is null || (_ended && !IsBroken))
            return;

        _receiving = true;
        ThreadPool.UnsafeQueueUserWorkItem(static link => link.Receive(), this, preferLocal: false);
    }

    /// <summary>Sends, now or as soon as the peer takes more.</summary>
    public abstract void Send(ReadOnlySpan<byte> data);

    public void Dispose()
    {
        if (IsClosed)
            return;

        IsClosed = true;
        Close();
    }

    protected abstract void Close();

    /// <summary>Starts one receive into the buffer.</summary>
    /// <returns>Whether it has already completed; then <see cref="Complete"/> is due.</returns>
    protected abstract bool TryReceive(byte[] buffer, int offset, int count);

    /// <summary>Takes what was received until the socket has no more.</summary>
    protected void Receive()
    {
        for (var round = 0; round < RoundsBeforeYielding; round++)
        {
            MakeRoom();
            if (!TryReceive(_buffer, _kept, _buffer.Length - _kept) || !Complete())
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static link => link.Receive(), this, preferLocal: false);
    }

    /// <summary>What the last receive brought.</summary>
    protected abstract (int Count, Exception? Error) Received();

    /// <summary>Hands over what was received.</summary>
    /// <returns>Whether to receive more.</returns>
    protected bool Complete()
    {
        var (count, error) = Received();
        lock (Gate)
        {
            if (IsClosed)
                return _receiving = false;

            if (count == 0)
            {
                _receiving = false;
                _ended = true;
                _owner!.OnEnded(this, error);
                return false;
            }

            Deliver(count);
            return _receiving = !_paused && !IsClosed;
        }
    }

    protected void SendFailed()
    {
        // Whoever sends is in the middle of something: the end is told by the receive that now fails.
        IsBroken = true;
        Outbound.Clear();
        Shutdown();
        Resume();
    }

    /// <summary>Makes receives and sends fail from now on.</summary>
    protected abstract void Shutdown();

    protected void Sent()
    {
        if (!IsClosed)
            _owner!.OnSent(this);
    }

    private void Deliver(int count)
    {
        AdaptBuffer(count);
        var have = _kept + count;
        var used = _owner!.OnReceived(this, _buffer.AsSpan(0, have));
        _kept = have - used;
        if (_kept > 0 && used > 0)
            _buffer.AsSpan(used, _kept).CopyTo(_buffer);
    }

    private void AdaptBuffer(int count)
    {
        _wasFilled = _kept + count == _buffer.Length;
        _smallRounds = count * 8 < _buffer.Length ? _smallRounds + 1 : 0;
    }

    private void MakeRoom()
    {
        if (_buffer.Length == 0)
            _buffer = GC.AllocateUninitializedArray<byte>(SmallestBuffer);
        else if (_kept * 2 > _buffer.Length)
            Resize(_buffer.Length * 2);
        else if (_wasFilled && _buffer.Length < LargestBuffer)
            Resize(_buffer.Length * 4);
        else if (_smallRounds > RoundsBeforeShrinking && _buffer.Length > SmallestBuffer && _kept == 0)
            Resize(SmallestBuffer);
    }

    private void Resize(int size)
    {
        var larger = GC.AllocateUninitializedArray<byte>(size);
        _buffer.AsSpan(0, _kept).CopyTo(larger);
        _buffer = larger;
        _smallRounds = 0;
    }
}
