namespace StatefulDeploy.Volumes.Tests.Stage;

/// <summary>A clock that shows what it is set to; its timers run as ever.</summary>
internal sealed class FixedClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
