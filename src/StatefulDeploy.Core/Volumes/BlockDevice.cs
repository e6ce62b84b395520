namespace StatefulDeploy.Volumes;

/// <summary>A block device of a host, as it is known there at this moment.</summary>
/// <param name="Path">Its device file.</param>
/// <param name="KernelName">Its name in /sys.</param>
/// <param name="Number">Major and minor number, as <c>8:17</c>.</param>
/// <param name="FileSystem">The file system on it; empty for none.</param>
/// <param name="Serial">Its serial number; empty when it tells none.</param>
/// <param name="Wwn">Its World Wide Name; empty when it tells none.</param>
internal sealed record BlockDevice(string Path, string KernelName, string Number, string FileSystem, string Serial, string Wwn);
