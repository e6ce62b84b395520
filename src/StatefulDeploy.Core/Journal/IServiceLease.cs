namespace StatefulDeploy.Journal;

/// <summary>The lease of a service, held: one operator at a time. It renews itself until it is disposed of, which gives it back.</summary>
public interface IServiceLease : IAsyncDisposable
{
    /// <summary>Signalled when somebody else took the lease over: whoever works under it must stop.</summary>
    CancellationToken Lost { get; }

    /// <summary>Opens the journal of an upgrade for writing, and makes it when it does not exist. Only who holds the lease can.</summary>
    /// <exception cref="Contracts.UpgradeException">The journal is damaged or from a newer version, or the lease was lost.</exception>
    Task<IJournal> OpenAsync(string upgradeId, CancellationToken cancellationToken);
}
