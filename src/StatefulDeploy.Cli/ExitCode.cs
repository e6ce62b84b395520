using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli;

/// <summary>What the process ends with. Scripts rely on the numbers: they never change their meaning.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>An exception that no code of ours expected.</summary>
    public const int Unexpected = 70;

    /// <summary>Stopped by Ctrl+C or SIGTERM, and undone.</summary>
    public const int Interrupted = 130;

    /// <summary>All codes with their meaning, for help and documentation.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> Table { get; } =
    [
        (Success, "done"),
        (Of(FailureCategory.OperationFailed), "a step failed and was undone (demo: something was lost or failed)"),
        (Of(FailureCategory.InvalidInput), "the command line or the service file is wrong"),
        (Of(FailureCategory.NotFound), "a file, upgrade or program does not exist"),
        (Of(FailureCategory.WrongState), "the service is not in the state that the act needs"),
        (Of(FailureCategory.Busy), "somebody else is upgrading the service"),
        (Of(FailureCategory.Unreachable), "a node, host or router cannot be reached"),
        (Of(FailureCategory.AccessDenied), "a password, key or privilege was refused"),
        (Of(FailureCategory.Refused), "preflight or a gate refused"),
        (Of(FailureCategory.Capacity), "memory, disk or ports do not suffice"),
        (Of(FailureCategory.Damaged), "a journal is damaged, or from a newer version"),
        (Of(FailureCategory.Timeout), "a wait ended at its deadline"),
        (Of(FailureCategory.StaleEpoch), "another operator has taken over"),
        (Unexpected, "an unexpected error: a bug"),
        (Interrupted, "stopped by Ctrl+C or SIGTERM; what was begun was undone"),
    ];

    /// <summary>The code of a failure.</summary>
    public static int Of(FailureCategory category) => category switch
    {
        FailureCategory.OperationFailed => 1,
        FailureCategory.InvalidInput => 2,
        FailureCategory.NotFound => 3,
        FailureCategory.WrongState => 4,
        FailureCategory.Busy => 5,
        FailureCategory.Unreachable => 6,
        FailureCategory.AccessDenied => 7,
        FailureCategory.Refused => 8,
        FailureCategory.Capacity => 9,
        FailureCategory.Damaged => 10,
        FailureCategory.Timeout => 11,
        FailureCategory.StaleEpoch => 12,
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "A new category needs an exit code of its own."),
    };
}
