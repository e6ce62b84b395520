using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Items that several sessions take from one line.</summary>
internal static class PostgresJobs
{
    /// <summary>Runs so many takers at once until the line is empty. The first failure ends all, and is what is thrown.</summary>
    /// <param name="items">What is to be done, in the order in which it is begun.</param>
    /// <param name="jobs">How many take at once.</param>
    /// <param name="work">One taker: it takes from the line until nothing is left.</param>
    /// <param name="cancellationToken">Ends all.</param>
    public static async Task RunAsync<T>(IReadOnlyCollection<T> items, int jobs, Func<ConcurrentQueue<T>, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ConcurrentQueue<T> line = new(items);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ExceptionDispatchInfo? first = null;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(jobs, items.Count)).Select(_ => TakeAsync()));
        first?.Throw();

        async Task TakeAsync()
        {
            try
            {
                await work(line, ending.Token);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(exception), null);
                await ending.CancelAsync();
            }
        }
    }
}
