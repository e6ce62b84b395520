using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Guard;

internal static class Signals
{
    public const int Stop = 19;
    public const int Continue = 18;

    /// <summary>Sends a signal, and returns when a stop has taken effect.</summary>
    public static void Send(ProcessIdentity process, int signal)
    {
        Assert.True(RunningProcess.IsRunning(process));
        Assert.Equal(0, Libc.Kill(process.Id, signal));
        SpinWait.SpinUntil(() => signal != Stop || RunningProcess.IsStopped(process), TimeSpan.FromSeconds(5));
    }
}
