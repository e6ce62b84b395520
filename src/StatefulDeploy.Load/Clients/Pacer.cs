namespace StatefulDeploy.Load.Clients;

/// <summary>Spaces a client's requests out to its rate.</summary>
internal sealed class Pacer
{
    private readonly TimeProvider _time;
    private readonly long _period;
    private long _next;

    /// <param name="perSecond">Requests a second; 0 for no limit.</param>
    /// <param name="time">The clock.</param>
    /// <param name="phase">0 to 1: where in the period this client begins, so that a thousand do not begin together.</param>
    public Pacer(double perSecond, TimeProvider time, double phase)
    {
        _time = time;
        _period = perSecond <= 0 ? 0 : (long)(time.TimestampFrequency / perSecond);
        _next = time.GetTimestamp() + (long)(_period * phase);
    }

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (_period == 0)
        {
            return;
        }

        var now = _time.GetTimestamp();
        if (_next > now)
        {
            await Task.Delay(_time.GetElapsedTime(now, _next), _time, cancellationToken);
        }

        // A client that was held does not send all it missed at once afterwards.
        _next = Math.Max(_next + _period, now);
    }
}
