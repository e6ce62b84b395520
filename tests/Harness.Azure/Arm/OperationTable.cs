using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Faults;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>The operations under way, and those that were.</summary>
/// <param name="store">The resources they change.</param>
/// <param name="faults">What goes wrong with them.</param>
/// <param name="time">The clock.</param>
internal sealed class OperationTable(ArmStore store, FaultSet faults, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, ArmOperation> _operations = new();
    private readonly ConcurrentDictionary<Guid, Task> _running = new();

    public ArmOperation? Find(string id) => Guid.TryParse(id, out var guid) ? _operations.GetValueOrDefault(guid) : null;

    /// <summary>Accepts an operation. Its work begins when the answer is made, and holds the store's gate for every look and change.</summary>
    /// <param name="protocol">How its provider tells of it.</param>
    /// <param name="target">What it changes. It has one at a time.</param>
    /// <param name="action">What it does.</param>
    /// <param name="work">Does it; what it throws is the operation's error.</param>
    /// <param name="failed">Leaves the resource as a failure does, under the gate.</param>
    public ArmOperation Start(OperationProtocol protocol, ArmResource target, string action, Func<ArmOperation, Task<JsonNode?>> work, Action<ArmException>? failed = null)
    {
        var operation = new ArmOperation(protocol, target, action, time.GetUtcNow());
        _operations[operation.Id] = operation;
        target.Current = operation;
        _running[operation.Id] = Task.Run(() => RunAsync(operation, work, failed));
        return operation;
    }

    /// <summary>Waits until nothing is under way.</summary>
    public Task IdleAsync() => Task.WhenAll(_running.Values);

    public async ValueTask DisposeAsync()
    {
        foreach (var operation in _operations.Values)
        {
            operation.Dispose();
        }

        await IdleAsync();
    }

    private async Task RunAsync(ArmOperation operation, Func<ArmOperation, Task<JsonNode?>> work, Action<ArmException>? failed)
    {
        JsonNode? output = null;
        ArmException? error = null;
        try
        {
            await faults.OnOperationAsync(operation);
            output = await work(operation);
        }
        catch (ArmException raised)
        {
            error = raised;
        }
        catch (OperationCanceledException) when (operation.Stopped.IsCancellationRequested)
        {
            error = operation.Error ?? new ArmException(409, "OperationPreempted", "The simulator ends.");
        }

        lock (store.Gate)
        {
            // One that was preempted is not the resource's operation any more, and leaves it to the other.
            if (error is not null && operation.Target.Current == operation)
            {
                failed?.Invoke(error);
            }

            operation.End(time.GetUtcNow(), output, error);
        }
    }
}
