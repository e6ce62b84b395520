namespace StatefulDeploy.Model;

/// <summary>One thing that preflight found.</summary>
/// <param name="Severity">Whether it refuses, warns or informs.</param>
/// <param name="Code">A stable identifier in Pascal case, such as <c>SnapshotUnreadable</c>.</param>
/// <param name="Subject">The node, file, setting or version that it is about.</param>
/// <param name="Message">What was found, what was expected, and why it matters.</param>
/// <param name="Remedy">What to do about it; empty for information.</param>
public sealed record Finding(FindingSeverity Severity, string Code, string Subject, string Message, string Remedy)
{
    /// <summary>A finding that refuses the upgrade.</summary>
    public static Finding Refuse(string code, string subject, string message, string remedy) => new(FindingSeverity.Refuse, code, subject, message, remedy);

    /// <summary>A finding that warns of a risk.</summary>
    public static Finding Warn(string code, string subject, string message, string remedy) => new(FindingSeverity.Warning, code, subject, message, remedy);

    /// <summary>A finding that only informs.</summary>
    public static Finding Inform(string code, string subject, string message) => new(FindingSeverity.Info, code, subject, message, string.Empty);
}
