using System.Runtime.InteropServices;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Host;

/// <summary>Ends, stops or delays this process at one moment of one step, once.</summary>
internal sealed partial class InjectedFaults(FaultSettings settings, string? shard = null) : IFaultPoints
{
    private const int Kill = 9;
    private const int Stop = 19;
    private bool _done;

    public void Reached(StepName step, FaultMoment moment, string? node = null)
    {
        if (_done || settings.Shard != shard || settings.At != (step, moment, node))
        {
            return;
        }

        _done = true;
        switch (settings.Act)
        {
            case FaultAct.Kill:
                _ = Send(Environment.ProcessId, Kill);
                Thread.Sleep(Timeout.Infinite);
                break;
            case FaultAct.Stop:
                _ = Send(Environment.ProcessId, Stop);
                break;
            case FaultAct.Wait:
                WaitForGo();
                break;
        }
    }

    public IFaultPoints Of(string part) => new InjectedFaults(settings, part);

    public bool IsSkipped(string act) => settings.Skipped.Contains(act);

    private void WaitForGo()
    {
        File.WriteAllText(settings.File + ".reached", string.Empty);
        while (!File.Exists(settings.File + ".go"))
        {
            Thread.Sleep(2);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int pid, int signal);
}
