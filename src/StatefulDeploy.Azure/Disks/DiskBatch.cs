using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Disks;

/// <summary>
/// Some changes to the data disks of one machine, in one request. The machine is read, what is missing is asked for, its end is awaited, and
/// the machine and the disks are read again: an operation's own word is not enough. What others come between is tried again, for a while.
/// </summary>
internal sealed class DiskBatch(AzureService azure, ResourceId machine, IReadOnlyList<DiskWish> wishes)
{
    // An operation that succeeds and changes nothing is not repeated for ever.
    private const int FruitlessRequests = 3;

    // So often a disk may be behind the machine that lists it; then the entry is taken for one of a disk that never came.
    private const int LagAllowed = 5;

    private readonly DiskRequests _requests = new(azure.Client, machine);
    private int _lag;

    /// <summary>Makes all changes that are not made yet.</summary>
    /// <exception cref="UpgradeException">One cannot be made.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (azure.Notes.OperationAt(machine) is { } earlier)
        {
            azure.Tell($"Waiting for what was begun earlier: {earlier}.");
            await AwaitAsync(earlier, cancellationToken);
        }

        var since = azure.Clock.GetTimestamp();
        var (requests, refreshed) = (0, false);
        for (var pause = azure.Pace.FirstPoll; ; pause = Longer(pause))
        {
            var sight = new MachineSight(await azure.Client.GetAsync(machine, cancellationToken));
            var missing = await SettleAsync(sight, cancellationToken);
            if (wishes.All(wish => wish.IsOver))
                return;

            var error = await StepAsync(sight, missing, !refreshed, cancellationToken);
            refreshed |= sight.IsFailed;
            requests += error is null && missing.Count > 0 ? 1 : 0;
            if (error is { Code: "ConflictingUserInput" })
                await RequireUnownedAsync(missing, cancellationToken);
            else if (error is { IsPassing: false })
                throw ArmFailures.Explain(error, 409, machine.ToString());
            if (error is not null && azure.Clock.GetElapsedTime(since) > azure.Pace.ConflictPatience)
                throw ArmFailures.Explain(error, 409, machine.ToString());
            if (requests > FruitlessRequests || azure.Clock.GetElapsedTime(since) > azure.Azure.DetachPatience + azure.Pace.OperationPatience)
                throw Unsettled();
            if (error is not null || missing.Count == 0)
                await Task.Delay(pause, azure.Clock, cancellationToken);
        }
    }

    /// <summary>One request, if one is due.</summary>
    /// <returns>The error with which it was refused or ended; null when it succeeded.</returns>
    private async Task<ArmError?> StepAsync(MachineSight sight, IReadOnlyList<DiskChange> missing, bool mayRefresh, CancellationToken cancellationToken)
    {
        if (sight.IsBusy)
            return new ArmError("AnotherOperationInProgress", $"The machine is {sight.Resource.ProvisioningState}.");
        if (sight.IsFailed && mayRefresh)
        {
            azure.Tell($"Machine '{machine.Name}' is in the state Failed: an empty update comes first, since its list of disks may be wrong.", ReportLevel.Warning);
            return await SendAsync(_requests.Refresh(sight), $"empty update of machine {machine.Name}", cancellationToken);
        }

        return missing.Count == 0 ? null : await SendAsync(_requests.Of(sight, missing), string.Join(", ", missing), cancellationToken);
    }

    /// <summary>Sees which wishes are fulfilled.</summary>
    /// <returns>The changes that the machine's list does not have. Where only the disk is behind its machine there is nothing to ask for, only to wait.</returns>
    private async Task<IReadOnlyList<DiskChange>> SettleAsync(MachineSight sight, CancellationToken cancellationToken)
    {
        var missing = new List<DiskChange>();
        foreach (var wish in wishes.Where(wish => !wish.IsOver))
        {
            var entry = sight.Find(wish.Change.Disk);
            if (wish.Change.Attach ? entry is null or { IsLeaving: true } : entry is not null)
            {
                missing.Add(wish.Change);
                continue;
            }

            var disk = new DiskSight(await azure.Client.GetAsync(wish.Change.Disk, cancellationToken));
            wish.IsDone = disk.Owners.Contains(machine) == wish.Change.Attach;
            if (!wish.IsDone && wish.Change.Attach && !sight.IsBusy && !sight.IsFailed && ++_lag > LagAllowed)
            {
                _lag = 0;
                missing.Add(wish.Change with { Attach = false });
            }
        }

        return missing;
    }

    // Azure says that a disk is attached elsewhere also while an operation on it is being taken back: the disk itself tells.
    private async Task RequireUnownedAsync(IEnumerable<DiskChange> changes, CancellationToken cancellationToken)
    {
        foreach (var change in changes.Where(change => change.Attach))
        {
            var disk = new DiskSight(await azure.Client.GetAsync(change.Disk, cancellationToken));
            if (disk.Owners.FirstOrDefault(owner => !owner.Equals(machine)) is { } other && disk.MaxShares <= 1)
                throw new UpgradeException("VolumeAttachedElsewhere", $"The disk '{change.Disk.Name}' is attached to '{other.Name}', and is to be attached to '{machine.Name}'.", "Detach it there first.", FailureCategory.Busy) { Target = change.Disk.ToString() };
        }
    }

    private async Task<ArmError?> SendAsync(ArmRequest request, string what, CancellationToken cancellationToken)
    {
        ArmAnswer answer;
        try
        {
            answer = await azure.Client.SendAsync(request, cancellationToken);
        }
        catch (UpgradeException failure) when (failure.Category == FailureCategory.Unreachable)
        {
            // It may have been begun or not: the next look tells.
            return new ArmError("RetryableError", failure.Message);
        }

        if (answer.Error is { } refused)
            return answer.Status is 401 or 403 ? throw ArmFailures.Explain(refused, answer.Status, machine.ToString()) : refused;
        if (ArmOperation.Of(answer, what, azure.Clock.GetUtcNow()) is not { } operation)
            return null;

        azure.Notes.Begin(machine, operation);
        azure.Tell($"Azure: {what} at machine '{machine.Name}'.");
        return await AwaitAsync(operation, cancellationToken);
    }

    private async Task<ArmError?> AwaitAsync(ArmOperation operation, CancellationToken cancellationToken)
    {
        var detaching = wishes.Any(wish => !wish.Change.Attach);
        var patience = detaching ? operation.StartedAt + azure.Azure.DetachPatience - azure.Clock.GetUtcNow() : azure.Pace.OperationPatience;
        try
        {
            var error = await azure.Operations.WaitAsync(operation, patience, cancellationToken);
            azure.Notes.End(machine);
            return error;
        }
        catch (UpgradeException late) when (late.Category == FailureCategory.Timeout && detaching)
        {
            return await ForceAsync(operation, late, cancellationToken);
        }
    }

    // The last resort, after the stated wait and with consent: what the guest has not flushed is lost.
    private async Task<ArmError?> ForceAsync(ArmOperation operation, UpgradeException late, CancellationToken cancellationToken)
    {
        var stuck = wishes.Where(wish => wish is { IsOver: false, Change.Attach: false }).Select(wish => wish.Change).ToList();
        if (!stuck.TrueForAll(change => change.MayForce))
            throw Stuck(operation, stuck, late);

        azure.Tell($"Azure has not detached {string.Join(", ", stuck.Select(change => change.Disk.Name))} within {Quantity.Text(azure.Azure.DetachPatience)}: it is forced now, as was consented to.", ReportLevel.Warning);
        var sight = new MachineSight(await azure.Client.GetAsync(machine, cancellationToken));
        var answer = await azure.Client.SendAsync(_requests.Force(sight, stuck), cancellationToken);
        answer.Require();
        if (ArmOperation.Of(answer, $"forced detachment of {string.Join(", ", stuck.Select(change => change.Disk.Name))}", azure.Clock.GetUtcNow()) is not { } forced)
            return null;

        azure.Notes.Begin(machine, forced);
        var error = await azure.Operations.WaitAsync(forced, azure.Pace.OperationPatience, cancellationToken);
        azure.Notes.End(machine);
        return error;
    }

    private TimeSpan Longer(TimeSpan pause) => pause * 1.5 < azure.Pace.LongestPoll ? pause * 1.5 : azure.Pace.LongestPoll;

    private UpgradeException Stuck(ArmOperation operation, IEnumerable<DiskChange> stuck, UpgradeException late) => new(
        "AzureDetachPending",
        $"Azure has not detached {string.Join(", ", stuck.Select(change => change.Disk.Name))} from machine '{machine.Name}' within {Quantity.Text(azure.Azure.DetachPatience)} ({operation}). It goes on there.",
        "Do the same again: it is found and waited for. If it never ends, -ForceDetach takes the disk from the machine; what the machine has not flushed is lost.",
        FailureCategory.Timeout,
        late)
    { Target = machine.ToString() };

    private UpgradeException Unsettled() => new(
        "AzureDiskNotSettled",
        $"Azure says that it is done, but machine '{machine.Name}' and its disks still do not agree with: {string.Join(", ", wishes.Where(wish => !wish.IsOver).Select(wish => wish.Change))}.",
        "See the activity log of machine and disk, then do it again.",
        FailureCategory.OperationFailed)
    { Target = machine.ToString() };
}
