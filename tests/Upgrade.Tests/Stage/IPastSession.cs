namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A session of a client that goes past the router.</summary>
internal interface IPastSession : IAsyncDisposable
{
    /// <summary>Writes one record.</summary>
    /// <returns>Whether the server acknowledged it.</returns>
    Task<bool> IsAcceptedAsync(string key, bool inTransaction, CancellationToken stop);
}
