using System.Runtime.ExceptionServices;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>Which shard is next: so many at the same time, and after a failure or a wish to stop none any more; those under way go on to their end.</summary>
/// <param name="atOnce">How many at the same time.</param>
/// <param name="stop">The wish to stop.</param>
internal sealed class ShardQueue(int atOnce, CancellationToken stop)
{
    /// <summary>Works through shards in their order.</summary>
    /// <exception cref="UpgradeException">The first failure, with its shard; or the wish to stop, when that left shards out.</exception>
    internal async Task RunAsync(IEnumerable<ServiceDescription> parts, Func<ServiceDescription, Task> work)
    {
        var waiting = new Queue<ServiceDescription>(parts);
        var running = new List<Task<Exception?>>();
        Exception? failure = null;
        while (true)
        {
            while (failure is null && running.Count < atOnce && !stop.IsCancellationRequested && waiting.TryDequeue(out var next))
            {
                running.Add(TryAsync(next, work));
            }

            if (running.Count == 0)
            {
                break;
            }

            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            failure ??= await ended;
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        if (waiting.Count > 0)
        {
            throw new UpgradeException("Cancelled", $"The upgrade was stopped between two shards: {string.Join(", ", waiting.Select(part => part.Shard))} not begun.", "Nothing is lost. Resume the upgrade when you want to go on, or undo it.");
        }
    }

    private static async Task<Exception?> TryAsync(ServiceDescription part, Func<ServiceDescription, Task> work)
    {
        try
        {
            await work(part);
            return null;
        }
        catch (UpgradeException exception)
        {
            return new UpgradeException(exception.ErrorId, $"Shard '{part.Shard}': {exception.Message}", exception.RecommendedAction, exception.Category, exception) { Target = exception.Target ?? part.Shard };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception;
        }
    }
}
