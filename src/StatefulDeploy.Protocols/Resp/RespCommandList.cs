namespace StatefulDeploy.Protocols.Resp;

/// <summary>
/// The commands known not to be plain writes. Writes need no entry: they are what is left.
/// PUBLISH is one of them on purpose, since it moves the replication offset.
/// </summary>
internal static class RespCommandList
{
    public static readonly (RespCommandClass Class, string Names)[] Commands =
    [
        (RespCommandClass.Read,
            "GET MGET STRLEN GETRANGE SUBSTR GETBIT BITCOUNT BITPOS BITFIELD_RO LCS "
            + "EXISTS TYPE TTL PTTL EXPIRETIME PEXPIRETIME KEYS SCAN RANDOMKEY DBSIZE DUMP TOUCH SORT_RO "
            + "HGET HMGET HGETALL HEXISTS HKEYS HVALS HLEN HSTRLEN HSCAN HRANDFIELD HTTL HPTTL HEXPIRETIME HPEXPIRETIME "
            + "LINDEX LLEN LRANGE LPOS "
            + "SCARD SDIFF SINTER SINTERCARD SISMEMBER SMISMEMBER SMEMBERS SRANDMEMBER SSCAN SUNION "
            + "ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK "
            + "ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION "
            + "GEODIST GEOHASH GEOPOS GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO PFCOUNT "
            + "XLEN XRANGE XREVRANGE XPENDING "
            + "EVAL_RO EVALSHA_RO FCALL_RO "
            + "PING ECHO TIME INFO ROLE LASTSAVE LOLWUT"),
        (RespCommandClass.Blocking,
            "BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP XREAD XREADGROUP WAIT WAITAOF"),
        (RespCommandClass.PubSub,
            "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE"),
        (RespCommandClass.ConnectionState,
            "AUTH HELLO SELECT RESET QUIT READONLY READWRITE ASKING"),
        (RespCommandClass.Transaction,
            "MULTI EXEC DISCARD WATCH UNWATCH"),
        (RespCommandClass.Admin,
            "BGREWRITEAOF BGSAVE SAVE DEBUG FAILOVER REPLICAOF SLAVEOF SHUTDOWN PFSELFTEST"),
        (RespCommandClass.Streaming,
            "MONITOR SYNC PSYNC REPLCONF"),
    ];

    // A subcommand that is not listed is of the class in the second column.
    public static readonly (string Container, RespCommandClass Otherwise, RespCommandClass Class, string Names)[] Subcommands =
    [
        ("CLIENT", RespCommandClass.Admin, RespCommandClass.Read, "ID INFO LIST GETNAME GETREDIR TRACKINGINFO HELP"),
        ("CLIENT", RespCommandClass.Admin, RespCommandClass.ConnectionState, "SETNAME SETINFO REPLY CACHING TRACKING NO-EVICT NO-TOUCH CAPA IMPORT-SOURCE"),
        ("CONFIG", RespCommandClass.Admin, RespCommandClass.Read, "GET HELP"),
        ("ACL", RespCommandClass.Admin, RespCommandClass.Read, "LIST USERS CAT GETUSER WHOAMI GENPASS DRYRUN HELP"),
        ("CLUSTER", RespCommandClass.Admin, RespCommandClass.Read,
            "INFO NODES SLOTS SHARDS LINKS MYID MYSHARDID KEYSLOT COUNTKEYSINSLOT GETKEYSINSLOT REPLICAS SLAVES COUNT-FAILURE-REPORTS SLOT-STATS HELP"),
        ("COMMAND", RespCommandClass.Read, RespCommandClass.Read, "INFO DOCS LIST COUNT GETKEYS GETKEYSANDFLAGS HELP"),
        ("FUNCTION", RespCommandClass.Write, RespCommandClass.Read, "LIST DUMP STATS HELP"),
        ("LATENCY", RespCommandClass.Admin, RespCommandClass.Read, "LATEST HISTORY GRAPH DOCTOR HISTOGRAM HELP"),
        ("MEMORY", RespCommandClass.Admin, RespCommandClass.Read, "USAGE STATS DOCTOR MALLOC-STATS HELP"),
        ("MODULE", RespCommandClass.Admin, RespCommandClass.Read, "LIST HELP"),
        ("OBJECT", RespCommandClass.Read, RespCommandClass.Read, "ENCODING IDLETIME FREQ REFCOUNT HELP"),
        ("PUBSUB", RespCommandClass.Read, RespCommandClass.Read, "CHANNELS NUMSUB NUMPAT SHARDCHANNELS SHARDNUMSUB HELP"),
        ("SCRIPT", RespCommandClass.Write, RespCommandClass.Read, "EXISTS HELP"),
        ("SLOWLOG", RespCommandClass.Admin, RespCommandClass.Read, "GET LEN HELP"),
        ("XINFO", RespCommandClass.Read, RespCommandClass.Read, "STREAM CONSUMERS GROUPS HELP"),
    ];
}
