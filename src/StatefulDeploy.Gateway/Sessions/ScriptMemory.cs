using System.Collections.Concurrent;
using System.Text;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>
/// Script bodies seen in EVAL and SCRIPT LOAD. A server does not hand its script cache to a replica, so they are loaded on the target of a switch:
/// otherwise EVALSHA would answer NOSCRIPT there.
/// </summary>
internal sealed class ScriptMemory(int limit)
{
    private readonly ConcurrentDictionary<int, byte[]> _scripts = new();
    private long _bytes;
    private bool _isFull;

    /// <summary>Told of each new body.</summary>
    public Action<byte[]>? Added { get; set; }

    public IReadOnlyCollection<byte[]> Scripts => (IReadOnlyCollection<byte[]>)_scripts.Values;

    /// <summary>Whether there were more than could be kept: EVALSHA may then answer NOSCRIPT after a switch.</summary>
    public bool IsFull => _isFull;

    /// <summary>Looks at a whole EVAL or SCRIPT request.</summary>
    public void Note(ReadOnlySpan<byte> request)
    {
        RequestParser.Parse(request, out var head);
        if (head.Name.Length == 4)
            Remember(head.Second);
        else if (Ascii.EqualsIgnoreCase(head.Second, "FLUSH"u8))
            Forget();
        else if (RespCommandReader.TryRead(request, out var command, out _) && command!.Count == 3)
            Remember(command[2].Bytes.Span);
    }

    private void Remember(ReadOnlySpan<byte> body)
    {
        HashCode hash = default;
        hash.AddBytes(body);
        var key = hash.ToHashCode();
        if (body.IsEmpty || (_scripts.TryGetValue(key, out var known) && body.SequenceEqual(known)))
            return;

        if (Interlocked.Add(ref _bytes, body.Length) > limit)
        {
            Interlocked.Add(ref _bytes, -body.Length);
            _isFull = true;
            return;
        }

        var copy = body.ToArray();
        _scripts[key] = copy;
        Added?.Invoke(copy);
    }

    private void Forget()
    {
        _scripts.Clear();
        Interlocked.Exchange(ref _bytes, 0);
        _isFull = false;
    }
}
