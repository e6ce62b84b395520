using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Faults;

/// <summary>The faults of a simulator: those to come, and those that happened.</summary>
public sealed class FaultSet
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Fault, int Left)> _waiting = [];
    private readonly List<Fault> _happened = [];

    /// <summary>The faults that happened, each as often as it did. A test of a fault asserts that it did.</summary>
    public IReadOnlyList<Fault> Happened
    {
        get
        {
            lock (_gate)
            {
                return [.. _happened];
            }
        }
    }

    /// <summary>Has something go wrong. Faults happen in the order in which they were injected.</summary>
    /// <param name="fault">What.</param>
    /// <returns>The same.</returns>
    public Fault Inject(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
        {
            _waiting.Add((fault, fault.Times));
        }

        return fault;
    }

    /// <summary>Ends a fault: it happens no more, and what hangs in it goes on.</summary>
    /// <param name="fault">The fault.</param>
    public void Lift(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
        {
            _waiting.RemoveAll(one => ReferenceEquals(one.Fault, fault));
        }

        fault.Lifted.TrySetResult();
    }

    /// <summary>How often a fault happened.</summary>
    /// <param name="name">Its name.</param>
    public int Count(FaultName name) => Happened.Count(fault => fault.Name == name);

    internal Fault? Take(FaultName name, ArmRequest request) => Take(name, fault => fault.HitsRequest(request));

    internal Fault? Take(FaultName name, string resource) => Take(name, fault => fault.HitsResource(resource));

    // What happens to an operation of any kind, before it does anything.
    internal async Task OnOperationAsync(ArmOperation operation)
    {
        var target = operation.Target.Name;
        if (Take(FaultName.SlowOperation, target) is { } slow)
        {
            await Task.WhenAny(slow.Lifted.Task, Task.Delay(slow.For, operation.Stopped));
            operation.Stopped.ThrowIfCancellationRequested();
        }

        if (Take(FaultName.Preempted, target) is not null)
        {
            throw Preempted();
        }

        if (Take(FaultName.FailedOperation, target) is { } failed)
        {
            throw new ArmException(500, failed.Code, $"The operation on '{target}' failed: {failed.Code}.");
        }
    }

    internal static ArmException Preempted() => new(409, "OperationPreempted", "The operation has been preempted by a more recent operation.");

    private Fault? Take(FaultName name, Func<Fault, bool> hits)
    {
        lock (_gate)
        {
            var index = _waiting.FindIndex(one => one.Fault.Name == name && hits(one.Fault));
            if (index < 0)
            {
                return null;
            }

            var (fault, left) = _waiting[index];
            if (left > 1)
            {
                _waiting[index] = (fault, left - 1);
            }
            else
            {
                _waiting.RemoveAt(index);
            }

            _happened.Add(fault);
            return fault;
        }
    }
}
