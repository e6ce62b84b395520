using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>The wording of the register's refusals.</summary>
internal static class Refusals
{
    public static Refusal Stale(GuardRequest request, RegisterState state) => new(
        GuardRule.Epoch,
        "StaleEpoch",
        $"'{request.Operation}' under epoch {request.Epoch} is refused: the service is at epoch {state.Epoch}{(state.Lease is { } lease ? $", held by {Name(lease)}" : string.Empty)}. Somebody else has taken over.",
        "Leave it to the one who took over, or resume the upgrade when that one has ended.",
        FailureCategory.StaleEpoch);

    public static Refusal Busy(GuardLease lease) => new(
        GuardRule.LiveLease,
        "ServiceBusy",
        $"The service is held by {Name(lease)}, who works on upgrade {lease.UpgradeId}.",
        "Wait until that upgrade ends, or stop it. An owner who dies is taken over by itself.",
        FailureCategory.Busy);

    public static Refusal AnotherWindow(OpenWindow open) => new(
        GuardRule.OneWindow,
        "WindowOpen",
        $"Window {open.Plan.WindowId} ({open.Outcome}) of upgrade {open.Plan.UpgradeId} is not completed.",
        "Resume or undo that upgrade first.",
        FailureCategory.WrongState);

    public static Refusal NotLive(Node node) => new(
        GuardRule.Direction,
        "SourceNotLive",
        $"{node} is not live: an earlier window was decided against it, or it is the cluster that was only made for the upgrade; another one takes the writes.",
        "Name the live cluster as blue in the service file. If the service was moved back by other means than ours, remove the file 'register' in the guard's folder while no upgrade runs.",
        FailureCategory.WrongState);

    public static Refusal AlreadyLive(Node node) => new(
        GuardRule.Direction,
        "TargetIsLive",
        $"{node} is live already: an earlier window was decided for it, or it is the cluster that serves.",
        "Name another cluster as green in the service file.",
        FailureCategory.WrongState);

    public static Refusal OtherWindow(GuardRequest request, RegisterState state) => new(
        GuardRule.SameWindow,
        "WindowNotOpen",
        $"Window {request.WindowId} is not open: {(state.Window is { } open ? $"window {open.Plan.WindowId} is" : "none is")}.",
        "Resume the upgrade: it looks at what is and goes on from there.",
        FailureCategory.WrongState);

    public static Refusal NothingWouldReopen(Node node, OpenWindow? window) => new(
        GuardRule.CloseUnderWindow,
        "NotArmed",
        window is null
            ? $"{node} is not closed: no window is armed, so nothing would open it again."
            : $"{node} is not closed: window {window.Plan.WindowId} is {window.Outcome} or past its deadline, or does not cover it, so nothing would open it again.",
        "Arm a window first; after one that expired, resume the upgrade.",
        FailureCategory.WrongState);

    public static Refusal NoRightToOpen(Node node, OpenWindow? window) => new(
        GuardRule.OpenByOutcome,
        "NoRightToOpen",
        window is null
            ? $"{node} is not opened: no window was decided for it."
            : $"{node} is not opened: window {window.Plan.WindowId} is {window.Outcome}.",
        "Decide the window first, or resume the upgrade.",
        FailureCategory.WrongState);

    public static Refusal IsLive(Node node, GuardedAct act, OpenWindow? window) => new(
        GuardRule.ActOnIdle,
        "ClusterIsLive",
        $"{act} is not done: {node} is live{(window is null ? string.Empty : $", or may become so (window {window.Plan.WindowId} is {window.Outcome})")}.",
        "Look at the state of the upgrade, then resume it.",
        FailureCategory.WrongState);

    public static Refusal NotClosed(IReadOnlyList<Node> open) => new(
        GuardRule.CommitWhenClosed,
        "SourceNotClosed",
        $"Nothing is committed: {string.Join(", ", open)} {(open.Count == 1 ? "was" : "were")} not closed by this guard process.",
        "Close every node of the source (again), then read the position, drain and commit.",
        FailureCategory.WrongState);

    public static Refusal NoTarget(OpenWindow window) => new(
        GuardRule.CommitWhenClosed,
        "NoTarget",
        $"Window {window.Plan.WindowId} has no target: a commit would open nothing.",
        "Let it expire.",
        FailureCategory.WrongState);

    public static Refusal TargetWasOpened(OpenWindow window) => new(
        GuardRule.RevertUnopened,
        "TargetWasOpened",
        $"The commit of window {window.Plan.WindowId} stands: an opening of its target was begun, and it may hold writes that the source has not.",
        "Go on to the target; afterwards undo the switch, which goes back without loss.",
        FailureCategory.WrongState);

    public static Refusal NotRevertible(OpenWindow window) => new(
        GuardRule.RevertByHigherEpoch,
        "NotRevertible",
        $"Window {window.Plan.WindowId} is {window.Outcome}{(window.Decision is { } decision ? $" under epoch {decision.Epoch}" : string.Empty)}: only a commit can be reverted, and only under a higher epoch than its own.",
        "Take the lease again, then revert.",
        FailureCategory.WrongState);

    public static Refusal NotSettled(OpenWindow window) => new(
        GuardRule.CompleteWhenSettled,
        "WindowNotSettled",
        $"Window {window.Plan.WindowId} ({window.Outcome}) is not completed: {string.Join(", ", window.Winners.Where(node => !window.Opened.Contains(RegisterState.KeyOf(node))).Select(node => node.ToString()).DefaultIfEmpty("nothing was decided"))}{(window.Decision is null ? string.Empty : " not open yet")}.",
        "See why the node does not answer; the guard goes on trying.",
        FailureCategory.WrongState);

    private static string Name(GuardLease lease) => $"process {lease.Process.Id} on {lease.Machine}";
}
