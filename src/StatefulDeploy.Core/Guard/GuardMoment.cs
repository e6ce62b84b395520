namespace StatefulDeploy.Guard;

/// <summary>What the guard observes of the world outside when it decides.</summary>
/// <param name="Now">The clocks.</param>
/// <param name="Lease">How the owner of the present lease is.</param>
internal sealed record GuardMoment(GuardInstant Now, LeaseCondition Lease)
{
    public bool IsPastDeadline(OpenWindow window) => Now.Since(window.ArmedAt) >= window.Plan.Deadline;
}
