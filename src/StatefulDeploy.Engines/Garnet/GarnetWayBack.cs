using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Whether the cluster that was left can follow the one that serves.</summary>
internal static class GarnetWayBack
{
    /// <summary>Looks the pair up.</summary>
    public static WayBack Find(EngineContext context)
    {
        GarnetVersion source = GarnetVersion.Parse(context.Source.Version);
        GarnetVersion target = GarnetVersion.Parse(context.Target.Version);
        return IsTried(source) && IsTried(target)
            ? new WayBack(WayBackKind.Native, $"Garnet {source} follows Garnet {target} as its replica, filled anew after the switch. Proved for versions {GarnetVersion.Oldest} to {GarnetVersion.Newest} in both directions; commands that only the newer one knows would end it.")
            : new WayBack(WayBackKind.None, $"That Garnet {source} can follow Garnet {target} is not proved; it is for versions {GarnetVersion.Oldest} to {GarnetVersion.Newest}.");
    }

    private static bool IsTried(GarnetVersion version) => !version.IsOlderThan(GarnetVersion.Oldest) && !GarnetVersion.Newest.IsOlderThan(version);
}
