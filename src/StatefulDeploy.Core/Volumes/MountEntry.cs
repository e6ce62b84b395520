namespace StatefulDeploy.Volumes;

/// <summary>One mount of a host.</summary>
/// <param name="Number">Major and minor number of the device, as <c>8:17</c>.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="FileSystem">The kind of file system.</param>
/// <param name="Source">What was mounted, mostly a device.</param>
internal sealed record MountEntry(string Number, string MountPoint, string FileSystem, string Source);
