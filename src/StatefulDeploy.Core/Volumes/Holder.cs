namespace StatefulDeploy.Volumes;

/// <summary>A process that holds something of a folder.</summary>
/// <param name="Process">Its id.</param>
/// <param name="Command">Its name.</param>
/// <param name="Path">What it holds: an open file, its working folder, its program.</param>
internal sealed record Holder(int Process, string Command, string Path)
{
    public override string ToString() => $"process {Process} ({Command}) with {Path}";
}
