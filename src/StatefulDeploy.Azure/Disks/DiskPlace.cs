namespace StatefulDeploy.Azure.Disks;

/// <summary>How a disk was attached where it came from: it is attached in the same way where it goes.</summary>
/// <param name="Machine">The id of the machine.</param>
/// <param name="Lun">Its logical unit number.</param>
/// <param name="Caching">The host's caching.</param>
/// <param name="WriteAccelerator">Whether the write accelerator was on.</param>
internal sealed record DiskPlace(string Machine, int Lun, string Caching, bool WriteAccelerator);
