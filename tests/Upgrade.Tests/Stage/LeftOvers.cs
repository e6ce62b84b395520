namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>Ends whatever a test has caused to be started and that is still there, also what detached itself from the test's own process.</summary>
internal sealed class LeftOvers(string bed) : IAsyncDisposable
{
    private const int Rounds = 20;

    public async ValueTask DisposeAsync()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var left = ProductProcess.All(bed).ToList();
            if (left.Count == 0)
            {
                return;
            }

            left.ForEach(process => Signals.Kill(process.Id));
            await Task.Delay(20);
        }
    }
}
