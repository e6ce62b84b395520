using StatefulDeploy.Load;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A service that has several ways in: its clients take them by turns.</summary>
internal sealed class SpreadEndpoint(IReadOnlyList<ILedgerEndpoint> ways) : ILedgerEndpoint
{
    private int _next;

    public ILedgerClient NewClient(LedgerOptions options, TimeProvider time) => ways[Interlocked.Increment(ref _next) % ways.Count].NewClient(options, time);
}
