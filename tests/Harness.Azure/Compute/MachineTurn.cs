using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Faults;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>One change at a time of a machine.</summary>
internal static class MachineTurn
{
    /// <summary>Refuses a second change; a forced detach ends a detach that is under way.</summary>
    public static void Take(AzureCloud cloud, MachineResource machine, bool forced)
    {
        if (machine.Current is not { } current)
        {
            return;
        }

        if (!forced || current.Action is not ("detach" or "swap"))
        {
            throw new ArmException(409, "ConflictingConcurrentWriteNotAllowed", "The operation was interrupted by a conflicting concurrent write on the same entity. Please retry later.");
        }

        current.Preempt(cloud.Now, FaultSet.Preempted());
    }
}
