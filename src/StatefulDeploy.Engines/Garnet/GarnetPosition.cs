using System.Globalization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A point in the log of a primary. Replicas count in the same offsets.</summary>
/// <param name="ReplicationId">The history that the offset counts in.</param>
/// <param name="Offset">Bytes of the log.</param>
internal sealed record GarnetPosition(string ReplicationId, long Offset)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="UpgradeException">The text is no position of Garnet.</exception>
    public static GarnetPosition Parse(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length == 2 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long offset)
            ? new GarnetPosition(parts[0], offset)
            : throw new UpgradeException("PositionUnreadable", $"'{text}' is no position of Garnet.", "Use a position that this engine has read.", FailureCategory.Damaged) { Target = text };
    }

    /// <summary><c>id:offset</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ReplicationId}:{Offset}");
}
