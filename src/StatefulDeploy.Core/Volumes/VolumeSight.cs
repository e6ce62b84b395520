using StatefulDeploy.Contracts;

namespace StatefulDeploy.Volumes;

/// <summary>What one host has of a volume.</summary>
internal sealed record VolumeSight
{
    /// <summary>The host.</summary>
    internal required IHost Host { get; init; }

    /// <summary>Whether the provider says that it is attached there.</summary>
    internal bool Attached { get; init; }

    /// <summary>The device; null when there is none.</summary>
    internal BlockDevice? Device { get; init; }

    /// <summary>Its mounts.</summary>
    internal IReadOnlyList<MountEntry> Mounts { get; init; } = [];

    /// <summary>Why the host could not be asked, or what is wrong there; null when all is well.</summary>
    internal UpgradeException? Failure { get; init; }

    /// <summary>Whether the host did not answer, so that the volume may be there.</summary>
    internal bool Unanswered => Failure?.Category is FailureCategory.Unreachable or FailureCategory.Timeout or FailureCategory.AccessDenied;
}
