namespace StatefulDeploy.Model;

/// <summary>How far the volume of one node has come in an upgrade that reuses volumes.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="From">The blue node whose data it holds.</param>
/// <param name="FromHost">Its host.</param>
/// <param name="To">The green node that takes it.</param>
/// <param name="ToHost">Its host.</param>
/// <param name="Step">The step of the workflow in which it goes.</param>
/// <param name="Status">Where it is.</param>
public sealed record VolumeTransferStatus(string Volume, string From, string FromHost, string To, string ToHost, string Step, VolumeTransferState Status)
{
    /// <summary>The node that has it, or is getting it.</summary>
    public string Node => Status is VolumeTransferState.Waiting or VolumeTransferState.Returned ? From : To;
}
