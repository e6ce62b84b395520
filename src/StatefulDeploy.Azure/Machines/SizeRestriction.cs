namespace StatefulDeploy.Azure.Machines;

/// <summary>Where a subscription may not use a size.</summary>
/// <param name="ZonesOnly">Whether it is about some zones, and not the whole region.</param>
/// <param name="Zones">Those zones.</param>
/// <param name="Reason">Azure's reason, such as <c>NotAvailableForSubscription</c>.</param>
internal sealed record SizeRestriction(bool ZonesOnly, IReadOnlyList<string> Zones, string Reason);
