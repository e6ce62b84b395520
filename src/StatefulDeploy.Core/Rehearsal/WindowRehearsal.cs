using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Rehearsal;

/// <summary>The rows of the window, played by their own runner between two clusters without servers, so that their code is warm.</summary>
internal static class WindowRehearsal
{
    private const int Rounds = 2;

    /// <summary>Plays them. A failure costs the window some time, and nothing else.</summary>
    public static async Task PlayAsync(UpgradeRun real, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(real.Store.FilesOf(real.State.UpgradeId), "rehearsal");
        try
        {
            await real.Router.RehearseAsync(cancellationToken);
            Directory.CreateDirectory(folder);
            using var journal = JournalFile.Open(Path.Combine(folder, "journal.jsonl"));
            for (var round = 0; round < Rounds; round++)
                await new StepRunner(Run(real, journal)).PlayAsync(UpgradeWorkflow.Steps.Where(step => step.WritesClosed), cancellationToken);
        }
        catch (Exception exception) when (exception is UpgradeException or IOException or SocketException or UnauthorizedAccessException)
        {
            real.Tell(ReportLevel.Verbose, $"The rehearsal of the window's rows failed: {exception.Message}", StepName.Rehearse);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    // Disposed of is its journal alone: the session is the real one's.
    private static UpgradeRun Run(UpgradeRun real, JournalFile journal)
    {
        var host = real.Service.Blue.Writer.Host;
        var service = real.Service with { Engine = "stage", Notify = [], Suites = [] };
        return new UpgradeRun
        {
            Platform = new StagePlatform(real.Platform, service),
            Service = service,
            Engine = new StageEngine(),
            Blue = Stage.Cluster(ClusterColour.Blue, host),
            Green = Stage.Cluster(ClusterColour.Green, host),
            State = UpgradeState.Of("stage", []),
            Store = real.Store,
            Journal = journal,
            Guard = new StageGuard(),
            Router = new StageRouter(),
            Reporter = new StageReporter(),
            Request = real.Request,
            Session = real.Session,
        };
    }
}
