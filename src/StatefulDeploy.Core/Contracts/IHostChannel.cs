namespace StatefulDeploy.Contracts;

/// <summary>A command that runs on a host while we talk with it. Disposing of it closes what it reads, by which it is to end.</summary>
public interface IHostChannel : IAsyncDisposable
{
    /// <summary>What the command reads.</summary>
    Stream Input { get; }

    /// <summary>What the command writes.</summary>
    Stream Output { get; }

    /// <summary>Its exit code and what it said on the error output, when it has ended.</summary>
    /// <exception cref="UpgradeException">The connection broke.</exception>
    Task<(int Code, string Error)> WaitAsync(CancellationToken cancellationToken);
}
