using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>Whether there is such a machine to be had: its size in its zone, and the quota for its cores.</summary>
internal static class CapacityRules
{
    public static void Check(AzureCloud cloud, JsonObject model)
    {
        CheckSize(cloud, model);
        var zone = model.Texts("zones") is [var one, ..] ? one : null;
        if (model.Text("properties", "availabilitySet", "id") is { } set)
        {
            if (zone is not null)
            {
                throw new ArmException(400, "BadRequest", "Virtual Machine cannot be created in both an Availability Set and an Availability Zone.");
            }

            if (cloud.Store.Find<ArmResource>(set) is null)
            {
                throw new ArmException(400, "InvalidResourceReference", $"Resource {set} referenced by the request was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.");
            }
        }

        var size = AttachRules.Size(cloud, model);
        var used = Used(cloud, model.Text("location"));
        if (used + size.Cores > cloud.Options.RegionalCores)
        {
            throw ArmException.NotAllowed(FormattableString.Invariant($"Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - Location: {model.Text("location")}, Current Limit: {cloud.Options.RegionalCores}, Current Usage: {used}, Additional Required: {size.Cores}."));
        }
    }

    public static void CheckSize(AzureCloud cloud, JsonObject model)
    {
        var size = AttachRules.Size(cloud, model);
        var zone = model.Texts("zones") is [var one, ..] ? one : null;
        if (size.Restricted || (zone is not null && !size.Zones.Contains(zone)))
        {
            throw new ArmException(409, "SkuNotAvailable", $"The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: {size.Name}' is currently not available in location '{model.Text("location")}'{(zone is null ? string.Empty : $" zones '{zone}'")}. Please try another size or deploy to a different location or different zone.");
        }
    }

    /// <summary>The cores in use in a region.</summary>
    public static int Used(AzureCloud cloud, string? location, string? family = null) => cloud.Store.Of<MachineResource>()
        .Where(machine => machine.Location == location)
        .Select(machine => cloud.Options.Sizes.FirstOrDefault(size => size.Name == machine.Size))
        .Sum(size => size is not null && (family is null || size.Family == family) ? size.Cores : 0);
}
