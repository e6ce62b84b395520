using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis;

/// <summary>How blue could follow green.</summary>
internal static class RedisWayBack
{
    /// <summary>Native where blue loads green's snapshots: then it recovers from anything. Else our relay, which needs green's backlog to reach back.</summary>
    /// <param name="blue">Blue's version.</param>
    /// <param name="green">Green's version.</param>
    /// <param name="tls">Whether the service speaks TLS.</param>
    /// <param name="here">Whether blue is reached over this machine's own loopback address.</param>
    public static WayBack Find(RedisVersion blue, RedisVersion green, bool tls, bool here)
    {
        if (blue.CanLoad(green))
        {
            return new WayBack(WayBackKind.Native, $"Blue ({blue}) follows green ({green}) by the servers' own replication.");
        }

        if (tls && !here)
        {
            return new WayBack(WayBackKind.None, $"Blue ({blue}) cannot load green's ({green}) snapshots, and the relay does not speak TLS to a blue on another machine.");
        }

        return new WayBack(
            WayBackKind.Relay,
            $"Blue ({blue}) cannot load green's ({green}) snapshots, so a relay feeds it green's stream of changes. The way back ends, loudly, with a command that blue does not know "
            + "(hash-field expiry, vector sets, RESTORE of a newer dump), with an interruption longer than green's backlog, and with a restart of green.");
    }
}
