using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Host;

/// <summary>The faults that the environment asks for. They are taken out of it, so that no process we start inherits them.</summary>
internal sealed record FaultSettings
{
    public const string AtVariable = "STATEFULDEPLOY_FAULT_AT";
    public const string ShardVariable = "STATEFULDEPLOY_FAULT_SHARD";
    public const string DoVariable = "STATEFULDEPLOY_FAULT_DO";
    public const string FileVariable = "STATEFULDEPLOY_FAULT_FILE";
    public const string SkipVariable = "STATEFULDEPLOY_FAULT_SKIP";
    public const string LoseVariable = "STATEFULDEPLOY_FAULT_LOSE";

    /// <summary>The moment at which something happens, of a step or of what it does to a node; null for never.</summary>
    public (StepName Step, FaultMoment Moment, string? Node)? At { get; init; }

    /// <summary>The shard in whose upgrade it happens; null in that of a service of one.</summary>
    public string? Shard { get; init; }

    /// <summary>What happens then.</summary>
    public FaultAct Act { get; init; }

    /// <summary>For <see cref="FaultAct.Wait"/>: this with <c>.reached</c> is made, and this with <c>.go</c> is waited for.</summary>
    public string File { get; init; } = string.Empty;

    /// <summary>Acts that are left out on purpose.</summary>
    public IReadOnlySet<string> Skipped { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Which message between us and the guard is lost, once; null for none.</summary>
    public LostMessage? Lost { get; init; }

    /// <summary>Takes the settings out of the environment.</summary>
    public static FaultSettings Take()
    {
        var at = Take(AtVariable)?.Split('/');
        return new FaultSettings
        {
            At = at is null ? null : (Enum.Parse<StepName>(at[0]), Enum.Parse<FaultMoment>(at[1]), at.ElementAtOrDefault(2)),
            Shard = Take(ShardVariable),
            Act = Enum.Parse<FaultAct>(Take(DoVariable) ?? nameof(FaultAct.Kill)),
            File = Take(FileVariable) ?? string.Empty,
            Skipped = (Take(SkipVariable) ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal),
            Lost = Take(LoseVariable) is { } lost ? Enum.Parse<LostMessage>(lost) : null,
        };
    }

    private static string? Take(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return string.IsNullOrEmpty(value) ? null : value;
    }
}
