using StatefulDeploy.Gateway.Requests;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>
/// The bytes of the requests in flight, as long as they are few and all of them are reads: these, and only these, may be asked once more
/// when the connection to the server breaks.
/// </summary>
internal sealed class ReadsInFlight
{
    private const int Limit = 16 * 1024;

    private byte[] _buffer = [];
    private int _length;
    private bool _isWhole;

    /// <summary>Nothing is in flight: what is sent from now on can be remembered.</summary>
    public void Begin()
    {
        _length = 0;
        _isWhole = true;
    }

    /// <summary>Something else was sent, or more than is remembered.</summary>
    public void Abandon() => _isWhole = false;

    public void Add(ReadOnlySpan<byte> requests)
    {
        var needed = _length + requests.Length;
        if (!_isWhole || needed > Limit)
        {
            _isWhole = false;
            return;
        }

        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, Math.Min(Limit, Math.Max(needed, Math.Max(512, _buffer.Length * 2))));

        requests.CopyTo(_buffer.AsSpan(_length));
        _length = needed;
    }

    /// <summary>The requests that were not answered.</summary>
    /// <param name="count">How many they are.</param>
    /// <returns>Their bytes, one after the other; empty if they are not all known.</returns>
    public ReadOnlySpan<byte> Unanswered(int count)
    {
        if (!_isWhole)
            return default;

        var requests = _buffer.AsSpan(0, _length);
        for (var answered = Count(requests) - count; answered > 0; answered--)
            requests = requests[LengthOfFirst(requests)..];

        return Count(requests) == count ? requests : default;
    }

    private static int Count(ReadOnlySpan<byte> requests)
    {
        var count = 0;
        for (; requests.Length > 0; count++)
            requests = requests[LengthOfFirst(requests)..];

        return count;
    }

    private static int LengthOfFirst(ReadOnlySpan<byte> requests)
    {
        RequestParser.Parse(requests, out var head);
        return head.Length;
    }
}
