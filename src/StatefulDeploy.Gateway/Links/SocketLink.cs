using System.Net.Sockets;

namespace StatefulDeploy.Gateway.Links;

/// <summary>A plain TCP link. Receives complete on the thread that polls the sockets, and the send that follows is made right there.</summary>
internal sealed class SocketLink : Link
{
    private readonly Socket _socket;
    private readonly ReceiveArguments _receive;
    private SocketAsyncEventArgs? _send;

    public SocketLink(Socket socket, object gate)
        : base(gate)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.Blocking = false;
        _receive = new ReceiveArguments(this);
    }

    public override void Send(ReadOnlySpan<byte> data)
    {
        if (IsClosed || IsBroken || data.IsEmpty)
            return;

        if (Outbound.Waiting == 0)
        {
            var sent = _socket.Send(data, SocketFlags.None, out var error);
            if (error == SocketError.Success && sent == data.Length)
                return;

            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                SendFailed();
                return;
            }

            data = data[sent..];
        }

        Outbound.Append(data);
        if (!Outbound.IsSending)
            SendOn();
    }

    protected override bool TryReceive(byte[] buffer, int offset, int count)
    {
        try
        {
            if (!ReferenceEquals(_receive.Buffer, buffer))
                _receive.SetBuffer(buffer, offset, count);
            else if (_receive.Offset != offset || _receive.Count != count)
                _receive.SetBuffer(offset, count);

            return !_socket.ReceiveAsync(_receive);
        }
        catch (ObjectDisposedException)
        {
            // Closed by another thread: nobody is left who would want to know.
            return false;
        }
    }

    protected override (int Count, Exception? Error) Received() => _receive.SocketError == SocketError.Success
        ? (_receive.BytesTransferred, null)
        : (0, new SocketException((int)_receive.SocketError));

    protected override void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // It is gone already, which is what is wanted.
        }
    }

    protected override void Close()
    {
        Shutdown();
        _socket.Dispose();
    }

    /// <summary>Sends what waits, until the socket takes no more.</summary>
    private void SendOn()
    {
        if (_send is null)
        {
            _send = new SocketAsyncEventArgs();
            _send.Completed += (_, _) => SendCompleted();
        }

        for (var part = Outbound.Next(); part.Count > 0; part = Outbound.Next())
        {
            _send.SetBuffer(part.Array, part.Offset, part.Count);
            if (_socket.SendAsync(_send))
                return;

            if (_send.SocketError != SocketError.Success)
            {
                SendFailed();
                return;
            }
        }
    }

    private void SendCompleted()
    {
        lock (Gate)
        {
            if (IsClosed)
                return;

            if (_send!.SocketError != SocketError.Success)
            {
                SendFailed();
                return;
            }

            SendOn();
            if (Outbound.Waiting == 0)
                Sent();
        }
    }

    private sealed class ReceiveArguments(SocketLink link) : SocketAsyncEventArgs(true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            if (link.Complete())
                link.Receive();
        }
    }
}
