using System.Globalization;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The text of a green node's configuration, without its users.</summary>
internal static class RedisGreenConfig
{
    // A relay that was away this long at 20 MB/s of writes can still go on where it was.
    private const long LargestBacklog = 1L << 30;
    private const long SmallestBacklog = 64L << 20;

    /// <summary>The bytes of green's replication backlog: an eighth of the data, at least 64 MiB, at most 1 GiB.</summary>
    public static long BacklogBytes(long dataBytes) => Math.Clamp(dataBytes / 8, SmallestBacklog, LargestBacklog);

    /// <summary>The whole text.</summary>
    /// <param name="node">The node.</param>
    /// <param name="folder">The folder of its log.</param>
    /// <param name="tls">Whether its port speaks TLS.</param>
    /// <param name="backlog">Bytes of the backlog.</param>
    /// <param name="bind">The addresses it listens on.</param>
    /// <param name="carried">Blue's settings as lines.</param>
    /// <param name="following">For a replica: the lines that make it follow green's primary.</param>
    public static string Text(Node node, string folder, bool tls, long backlog, string bind, IReadOnlyList<string> carried, IReadOnlyList<string> following)
    {
        string port = node.Endpoint.Port.ToString(CultureInfo.InvariantCulture);
        string[] own =
        [
            "# Written by statefuldeploy for a green node.",
            tls ? "port 0" : $"port {port}",
            .. tls ? [$"tls-port {port}"] : Array.Empty<string>(),
            $"bind {bind}",
            RedisConfigText.Line("dir", node.DataDirectory ?? folder),
            RedisConfigText.Line("logfile", Path.Combine(folder, "server.log")),
            "daemonize no",
            "dbfilename dump.rdb",
            "replica-read-only yes",
            "replica-serve-stale-data yes",
            "replica-ignore-maxmemory yes",

            // On disk first: a copy that breaks off leaves the data that was there.
            "repl-diskless-load disabled",
            "repl-diskless-sync yes",
            "repl-diskless-sync-delay 0",
            $"repl-backlog-size {backlog.ToString(CultureInfo.InvariantCulture)}",

            // The way back needs the backlog when no replica has been connected for long.
            "repl-backlog-ttl 0",
        ];
        return string.Join('\n', own.Concat(carried).Concat(following)) + "\n";
    }
}
