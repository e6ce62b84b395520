using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>The process that copies: of its own, so that it goes on whoever has started it ends.</summary>
internal static class CopyProcess
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(5);

    /// <summary>Starts it.</summary>
    /// <param name="context">The direction.</param>
    /// <param name="cancellationToken">Stops the starting.</param>
    /// <param name="stage">What a physical copy is at; empty for a copy of rows.</param>
    public static async Task StartAsync(EngineContext context, CancellationToken cancellationToken, string stage = "")
    {
        IHost host = Local(context);
        string folder = FolderOf(context);
        await host.CreateFolderAsync(folder, Private | UnixFileMode.UserExecute, cancellationToken);
        await host.WriteFileAsync(SpecificationOf(folder), ModelJson.Write(new CopySpecification(context.Service, context.UpgradeId, context.Source, context.Target)), Private, cancellationToken);
        await SaveAsync(new CopyState(0, 0, string.Empty, stage), folder, host, cancellationToken);
        HostCommand command = context.OwnProgram.Command("worker", PostgreSqlEngine.EngineName, CopyWorker.WorkerName, SpecificationOf(folder));
        ProcessIdentity process = await host.StartDetachedAsync(command, LogOf(folder), cancellationToken);
        await host.WriteFileAsync(ProcessOf(folder), ModelJson.Write(process), Private, cancellationToken);
    }

    /// <summary>Whether it runs.</summary>
    public static async Task<bool> RunsAsync(EngineContext context, CancellationToken cancellationToken) =>
        await FindAsync(context, cancellationToken) is { } process && await Local(context).IsRunningAsync(process, cancellationToken);

    /// <summary>What it has said last; null when none was started.</summary>
    public static async Task<CopyState?> StateAsync(EngineContext context, CancellationToken cancellationToken) =>
        await Local(context).ReadFileAsync(StateOf(FolderOf(context)), cancellationToken) is { } text ? ModelJson.Read<CopyState>(text) : null;

    /// <summary>What it has said at its end where it came to no end of its own; empty when it was killed.</summary>
    public static async Task<string> LastWordsAsync(EngineContext context, CancellationToken cancellationToken) =>
        PostgresProgram.LastLines(await Local(context).ReadFileAsync(LogOf(FolderOf(context)), cancellationToken) ?? string.Empty);

    /// <summary>Says how far it is.</summary>
    public static Task SaveAsync(CopyState state, string folder, IHost host, CancellationToken cancellationToken) =>
        host.WriteFileAsync(StateOf(folder), ModelJson.Write(state), Private, cancellationToken);

    /// <summary>Ends it. What it had under way is undone by the servers.</summary>
    public static async Task EndAsync(EngineContext context, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, cancellationToken) is { } process)
        {
            await Local(context).StopAsync(process, EndsWithin, cancellationToken);
        }
    }

    /// <summary>Ends it and removes what it has left.</summary>
    public static async Task RemoveAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await EndAsync(context, cancellationToken);
        await Local(context).RemoveFolderAsync(FolderOf(context), cancellationToken);
    }

    private static async Task<ProcessIdentity?> FindAsync(EngineContext context, CancellationToken cancellationToken) =>
        await Local(context).ReadFileAsync(ProcessOf(FolderOf(context)), cancellationToken) is { } text ? ModelJson.Read<ProcessIdentity>(text) : null;

    private static IHost Local(EngineContext context) => context.Hosts["local"];

    private static string FolderOf(EngineContext context) => Path.Combine(context.Service.StateDirectory, "copy", context.Service.Name, context.UpgradeId);

    private static string SpecificationOf(string folder) => Path.Combine(folder, "copy.json");

    private static string LogOf(string folder) => Path.Combine(folder, "copy.log");

    private static string ProcessOf(string folder) => Path.Combine(folder, "process.json");

    private static string StateOf(string folder) => Path.Combine(folder, "state.json");
}
