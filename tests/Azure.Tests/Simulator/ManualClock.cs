namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>A clock that is ahead of the machine's by what the test says; its timers run as ever.</summary>
internal sealed class ManualClock : TimeProvider
{
    private TimeSpan _ahead;

    public void Advance(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;
}
