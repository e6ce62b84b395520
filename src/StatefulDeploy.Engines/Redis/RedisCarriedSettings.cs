using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Which of blue's settings green is given. All of them exist under the same name in every version that we know.</summary>
internal static class RedisCarriedSettings
{
    private static readonly string[] Carried =
    [
        "databases", "maxmemory", "maxmemory-policy", "maxmemory-samples", "maxmemory-eviction-tenacity", "maxclients", "timeout", "tcp-keepalive", "tcp-backlog",
        "protected-mode", "appendonly", "appendfsync", "no-appendfsync-on-rewrite", "auto-aof-rewrite-percentage", "auto-aof-rewrite-min-size", "aof-use-rdb-preamble",
        "save", "stop-writes-on-bgsave-error", "rdbcompression", "rdbchecksum", "notify-keyspace-events", "acl-pubsub-default", "acllog-max-len",
        "hash-max-listpack-entries", "hash-max-listpack-value", "list-max-listpack-size", "list-compress-depth", "set-max-intset-entries",
        "zset-max-listpack-entries", "zset-max-listpack-value", "hll-sparse-max-bytes", "stream-node-max-bytes", "stream-node-max-entries",
        "activerehashing", "activedefrag", "hz", "lfu-log-factor", "lfu-decay-time", "lazyfree-lazy-eviction", "lazyfree-lazy-expire",
        "lazyfree-lazy-server-del", "lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "client-output-buffer-limit", "client-query-buffer-limit",
        "maxmemory-clients", "proto-max-bulk-len", "busy-reply-threshold", "slowlog-log-slower-than", "slowlog-max-len", "latency-monitor-threshold",
        "tracking-table-max-keys", "jemalloc-bg-thread", "replica-priority", "min-replicas-to-write", "min-replicas-max-lag", "shutdown-timeout",
        "tls-auth-clients", "tls-protocols", "tls-ciphers", "tls-ciphersuites", "tls-prefer-server-ciphers", "tls-session-caching",
        "tls-cert-file", "tls-key-file", "tls-key-file-pass", "tls-client-cert-file", "tls-client-key-file", "tls-client-key-file-pass", "tls-ca-cert-file", "tls-ca-cert-dir", "tls-dh-params-file", "tls-replication",
    ];

    // What every node has its own of, what provisioning decides, and what is only about starting.
    private static readonly HashSet<string> Own =
    [
        "port", "tls-port", "bind", "bind-source-addr", "dir", "dbfilename", "appendfilename", "appenddirname", "logfile", "loglevel", "pidfile", "daemonize", "supervised",
        "unixsocket", "unixsocketperm", "syslog-enabled", "syslog-ident", "syslog-facility", "always-show-logo", "set-proc-title", "proc-title-template", "locale-collate",
        "user", "aclfile", "requirepass", "masterauth", "masteruser", "primaryauth", "primaryuser", "replicaof", "slaveof", "replica-serve-stale-data", "replica-read-only",
        "repl-diskless-sync", "repl-diskless-sync-delay", "repl-diskless-load", "repl-backlog-size", "repl-backlog-ttl", "repl-timeout", "repl-ping-replica-period",
        "repl-disable-tcp-nodelay", "replica-announce-ip", "replica-announce-port", "include", "latency-tracking", "latency-tracking-info-percentiles",
        "oom-score-adj", "oom-score-adj-values", "disable-thp", "io-threads", "io-threads-do-reads", "crash-log-enabled", "crash-memcheck-enabled", "enable-debug-command", "enable-module-command", "enable-protected-configs", "loadmodule", "rename-command",
    ];

    /// <summary>Lines for green's configuration with blue's values, and the described ones on top.</summary>
    public static async Task<IReadOnlyList<string>> LinesAsync(RespConnection blue, GreenDescription green, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> all = await blue.SettingsAsync("*", cancellationToken);
        Dictionary<string, string> values = Carried.Where(all.ContainsKey).ToDictionary(name => name, name => all[name], StringComparer.Ordinal);
        foreach ((string name, string value) in green.Settings)
        {
            values[name] = value;
        }

        return [.. values.Where(pair => pair.Value.Length > 0 || pair.Key is "save" or "notify-keyspace-events").Select(pair => Line(pair.Key, pair.Value))];
    }

    /// <summary>The directives of a configuration file that green is not given.</summary>
    public static IReadOnlyList<string> NotCarried(string configuration) =>
        [.. RedisConfigText.Directives(configuration).Where(name => !Carried.Contains(name.Replace("ziplist", "listpack", StringComparison.Ordinal)) && !Own.Contains(name) && !Own.Contains(name.Replace("slave", "replica", StringComparison.Ordinal))).Order(StringComparer.Ordinal)];

    // These are several words in the file; all else is one.
    private static string Line(string name, string value) =>
        name is "client-output-buffer-limit" || (name == "save" && value.Length > 0) ? $"{name} {value}" : RedisConfigText.Line(name, value);
}
