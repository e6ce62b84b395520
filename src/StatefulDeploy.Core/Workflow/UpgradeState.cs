using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>An upgrade as the lines of its journal add up. What it says is a memory of acts, not a proof: steps probe the world.</summary>
public sealed class UpgradeState
{
    private readonly Dictionary<(StepName Step, bool Back), StepStatus> _steps = [];
    private readonly Dictionary<string, string> _facts = new(StringComparer.Ordinal);

    /// <summary>Adds up the lines of a journal.</summary>
    public static UpgradeState Of(string upgradeId, IEnumerable<JournalEntry> entries)
    {
        var state = new UpgradeState { UpgradeId = upgradeId };
        foreach (var entry in entries)
        {
            state.Apply(entry);
        }

        return state;
    }

    /// <summary>The id of the upgrade.</summary>
    public required string UpgradeId { get; init; }

    /// <summary>How far its cluster has come.</summary>
    public ClusterState State { get; private set; }

    /// <summary>The stretch that is to be reached; null when none is unfinished.</summary>
    public UpgradeStretch? Goal { get; private set; }

    /// <summary>The stretch that was begun last, finished or not; null when none was.</summary>
    public UpgradeStretch? LastGoal { get; private set; }

    /// <summary>What the operator asked for with the goal.</summary>
    public UpgradeRequest? GoalRequest { get; private set; }

    /// <summary>The last step that was begun.</summary>
    public StepName? LastStep { get; private set; }

    /// <summary>Why the last stretch failed; empty when it did not.</summary>
    public string Failure { get; private set; } = string.Empty;

    /// <summary>When the upgrade was begun.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>When the journal was last written.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The number of windows begun so far.</summary>
    public int Windows { get; private set; }

    /// <summary>Whether the upgrade was taken back as a whole.</summary>
    public bool Undone { get; private set; }

    /// <summary>Facts by name.</summary>
    public IReadOnlyDictionary<string, string> Facts => _facts;

    /// <summary>Whether the upgrade has ended, one way or the other.</summary>
    public bool Ended => Undone || State == ClusterState.Retired;

    /// <summary>The cluster that takes writes, or took them last.</summary>
    public ClusterColour Live { get; private set; }

    /// <summary>How long writes were closed by the last switch; null before one.</summary>
    public TimeSpan? ClosedFor => Fact(FactName.ClosedMilliseconds) is { } text
        ? TimeSpan.FromMilliseconds(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)) : null;

    /// <summary>A fact; null when it was not recorded.</summary>
    public string? Fact(string name) => _facts.GetValueOrDefault(name);

    /// <summary>A structured fact; null when it was not recorded.</summary>
    public T? Fact<T>(string name)
        where T : class => Fact(name) is { } json ? ModelJson.Read<T>(json) : null;

    /// <summary>How far a step has come in a direction.</summary>
    public StepStatus StatusOf(StepName step, bool back) => _steps.GetValueOrDefault((step, back));

    /// <summary>Takes one more line into account.</summary>
    public void Apply(JournalEntry entry)
    {
        UpdatedAt = entry.Time;
        foreach (var (name, value) in entry.Data ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            _facts[name] = value;
        }

        switch (entry.Kind)
        {
            case JournalKind.Begin:
                StartedAt = entry.Time;
                break;
            case JournalKind.Goal:
                Goal = Enum.Parse<UpgradeStretch>(entry.Name!);
                LastGoal = Goal;
                GoalRequest = Fact<UpgradeRequest>(FactName.Request);
                Failure = string.Empty;
                break;
            case JournalKind.GoalEnd:
                Goal = null;
                Failure = entry.Text ?? string.Empty;
                break;
            case JournalKind.State:
                State = Enum.Parse<ClusterState>(entry.Name!);
                Undone = entry.Text == UndoneText;
                break;
            default:
                ApplyStep(entry);
                break;
        }
    }

    /// <summary>The text of the state line that ends an upgrade that was taken back.</summary>
    internal const string UndoneText = "Undone";

    private void ApplyStep(JournalEntry entry)
    {
        StepStatus? status = entry.Kind switch
        {
            JournalKind.Intent => StepStatus.Begun,
            JournalKind.Done => StepStatus.Done,
            JournalKind.Failed => StepStatus.Failed,
            JournalKind.UndoDone => StepStatus.Pending,
            _ => null,
        };
        if (status is null || !Enum.TryParse<StepName>(entry.Name, out var step))
        {
            return;
        }

        _steps[(step, entry.Back)] = status.Value;
        LastStep = step;
        if (step == StepName.Fence && status == StepStatus.Begun)
        {
            Windows++;
        }

        if (step == StepName.Switch && status == StepStatus.Done)
        {
            Live = entry.Back ? ClusterColour.Blue : ClusterColour.Green;
            ForgetOtherDirection(entry.Back);
        }
    }

    /// <summary>A switch that succeeded makes the rows of the other direction runnable again.</summary>
    private void ForgetOtherDirection(bool back)
    {
        for (var step = StepName.CatchUp; step <= StepName.Switch; step++)
        {
            _steps.Remove((step, !back));
        }
    }
}
