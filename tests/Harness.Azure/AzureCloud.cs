using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Monitor;

namespace StatefulDeploy.Harness.Azure;

/// <summary>What the providers of the simulator share.</summary>
internal sealed class AzureCloud(AzureOptions options, FaultSet faults, InvariantMonitor monitor) : IAsyncDisposable
{
    public AzureOptions Options { get; } = options;

    public FaultSet Faults { get; } = faults;

    public InvariantMonitor Monitor { get; } = monitor;

    public ArmStore Store { get; } = monitor.Store;

    public OperationTable Operations { get; } = new(monitor.Store, faults, options.Time);

    public DateTimeOffset Now => Options.Time.GetUtcNow();

    /// <summary>Lets an operation take its time.</summary>
    public Task DelayAsync(TimeSpan delay, ArmOperation operation) => Task.Delay(delay, Options.Time, operation.Stopped);

    /// <summary>Does something under the gate.</summary>
    public T Under<T>(Func<T> act)
    {
        lock (Store.Gate)
        {
            return act();
        }
    }

    /// <summary>Does something under the gate.</summary>
    public void Under(Action act)
    {
        lock (Store.Gate)
        {
            act();
        }
    }

    public ValueTask DisposeAsync() => Operations.DisposeAsync();
}
