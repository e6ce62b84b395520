namespace StatefulDeploy.Contracts;

/// <summary>A long-running part of an engine that lives in a process of its own, started by <see cref="IOwnProgram.Command"/> with <c>worker ENGINE NAME FILE</c>.</summary>
public interface IEngineWorker
{
    /// <summary>Its name, unique in its engine.</summary>
    string Name { get; }

    /// <summary>Runs until its work is done or it is cancelled.</summary>
    /// <param name="specificationFile">A file that only the engine understands; it holds no secret.</param>
    /// <param name="platform">Hosts, secrets and services.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code of the process.</returns>
    Task<int> RunAsync(string specificationFile, IPlatform platform, CancellationToken cancellationToken);
}
