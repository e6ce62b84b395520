using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Bridge;

/// <summary>Carries what the work tells to the pipeline thread, the only one that may write. Telling never blocks and never throws.</summary>
internal sealed class ReportQueue : IReporter
{
    private readonly Channel<ReportEvent> _events = Channel.CreateUnbounded<ReportEvent>(new UnboundedChannelOptions { SingleReader = true });

    public void Report(ReportEvent reportEvent) => _events.Writer.TryWrite(reportEvent);

    /// <summary>Nothing more will be told.</summary>
    public void Complete() => _events.Writer.TryComplete();

    /// <summary>Waits until something can be taken; false when nothing will come any more.</summary>
    public bool Wait(CancellationToken cancellationToken) => _events.Reader.WaitToReadAsync(cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <summary>Takes the next thing told.</summary>
    public bool TryTake([NotNullWhen(true)] out ReportEvent? reportEvent) => _events.Reader.TryRead(out reportEvent);

    /// <summary>Throws away what nobody can be told any more.</summary>
    public void Discard(bool when)
    {
        while (when && TryTake(out _))
        {
        }
    }
}
