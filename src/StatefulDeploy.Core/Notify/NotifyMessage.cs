using StatefulDeploy.Model;

namespace StatefulDeploy.Notify;

/// <summary>What is told about a window: as a JSON document by webhook and on a command's standard input.</summary>
/// <param name="Service">The name of the service.</param>
/// <param name="UpgradeId">The upgrade.</param>
/// <param name="Moment"><c>before</c>, <c>at</c> or <c>after</c>, as in the service file.</param>
/// <param name="Engine">The engine.</param>
/// <param name="FromVersion">The version that is left.</param>
/// <param name="ToVersion">The version that is gone to.</param>
/// <param name="Endpoint">Where clients connect.</param>
/// <param name="Live">Which cluster takes writes; after the window it says how it ended.</param>
/// <param name="LiveVersion">The version that takes writes.</param>
/// <param name="Text">The same for a person.</param>
public sealed record NotifyMessage(
    string Service,
    string UpgradeId,
    string Moment,
    string Engine,
    string FromVersion,
    string ToVersion,
    string Endpoint,
    ClusterColour Live,
    string LiveVersion,
    string Text);
