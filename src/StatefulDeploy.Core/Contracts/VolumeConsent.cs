namespace StatefulDeploy.Contracts;

/// <summary>What an operator accepts when volumes are moved.</summary>
/// <param name="ForceDetach">That a disk whose machine does not let go of it within the stated time is taken from it, which may lose what was not flushed.</param>
public sealed record VolumeConsent(bool ForceDetach = false);
