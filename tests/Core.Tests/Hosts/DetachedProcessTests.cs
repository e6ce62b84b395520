using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Hosts;

public sealed class DetachedProcessTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_is_to_stand_back_does_and_no_other_and_it_keeps_its_number(bool standsBack)
    {
        var output = Path.GetTempFileName();
        var host = new LocalHost();
        var process = await host.StartDetachedAsync(new HostCommand("sleep", "600") { StandsBack = standsBack }, output, CancellationToken.None);
        try
        {
            await TestBed.WaitUntilAsync(async () => (await File.ReadAllTextAsync($"/proc/{process.Id}/comm")).Trim() == "sleep", "it has become the program", Within);

            Assert.True(RunningProcess.IsRunning(process));
            if (NiceOf(process) is { } nice)
                Assert.Equal(standsBack ? SessionShare.Back : 0, nice);
        }
        finally
        {
            await host.StopAsync(process, TimeSpan.FromSeconds(5), CancellationToken.None);
            File.Delete(output);
        }
    }

    // "/autogroup-27385 nice 5". Null where the kernel has no groups, or takes so few changes from others than root that one may be refused.
    private static int? NiceOf(ProcessIdentity process)
    {
        var group = $"/proc/{process.Id}/autogroup";
        return Environment.IsPrivilegedProcess && File.Exists(group)
            ? int.Parse(File.ReadAllText(group).Trim().Split(' ')[^1], CultureInfo.InvariantCulture)
            : null;
    }
}
