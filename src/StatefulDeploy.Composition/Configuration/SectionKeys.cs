namespace StatefulDeploy.Composition.Configuration;

/// <summary>The keys that one kind of section of a service file may have. The JSON Schema says the same; a test compares them.</summary>
internal sealed record SectionKeys(string Name, params IReadOnlyList<string> Keys)
{
    public static SectionKeys Service { get; } = new("service", "name", "engine", "version", "dataClass", "hosts", "nodes", "shards", "router", "software", "green", "admin",
        "client", "tls", "azure", "volumes", "snapshots", "limits", "dataClasses", "verification", "notify", "allowOneWay", "state", "journal", "guard", "settings");

    public static SectionKeys Host { get; } = new("host", "ssh", "config", "sudo", "sessions", "guard", "program");

    public static SectionKeys Shard { get; } = new("shard", "name", "nodes", "router");

    public static SectionKeys Node { get; } = new("node", "name", "endpoint", "role", "host", "dataDirectory", "configFile", "volume", "start", "stop", "settings");

    public static SectionKeys Router { get; } = new("router", "kind", "listen", "admin", "instances", "settings");

    public static SectionKeys RouterInstance { get; } = new("routerInstance", "admin", "host", "settings");

    public static SectionKeys Software { get; } = new("software", "server", "settings");

    public static SectionKeys Green { get; } = new("green", "version", "nodes", "shards", "dataRoot", "basePort", "settings");

    public static SectionKeys Credential { get; } = new("credential", "user", "passwordFile", "passwordEnv");

    public static SectionKeys Tls { get; } = new("tls", "caFile");

    public static SectionKeys Limits { get; } = new("limits", "windowDeadline", "holdLimit", "holdBytes", "transactionGrace", "lagGate", "catchUpDeadline", "soak", "answer", "shardsAtOnce");

    public static SectionKeys DataClass { get; } = new("dataClass", "hotReplicas", "coldCopies", "retention", "hotSnapshots");

    public static SectionKeys Suite { get; } = new("suite", "name", "kind", "command", "pester", "workload", "writes", "timeout", "results", "maxLatencyRatio", "minThroughputRatio");

    public static SectionKeys Workload { get; } = new("workload", "scripts", "sample", "clients", "duration", "maxPlanCostRatio");

    public static SectionKeys Notify { get; } = new("notify", "when", "command", "webhook", "timeout");

    public static SectionKeys Volume { get; } = new("volume", "name", "node", "uuid", "filesystem", "mountPoint", "options", "provider", "id", "image", "disk", "caching", "slot", "attach", "detach", "networkAttached");

    public static SectionKeys Snapshots { get; } = new("snapshots", "archive");

    public static SectionKeys Azure { get; } = new("azure", "environment", "endpoint", "authority", "audience", "caFile", "computeApiVersion", "subscription", "resourceGroup", "tenant", "credential",
        "machines", "green", "detachPatience", "snapshotBeforeMove");

    public static SectionKeys AzureCredential { get; } = new("azureCredential", "kind", "clientId", "certificateFile");

    public static SectionKeys AzureGreen { get; } = new("azureGreen", "image", "size", "template", "cloudInit");

    public static SectionKeys Journal { get; } = new("journal", "azureBlob", "accountKeyFile", "accountKeyEnv", "sasFile", "sasEnv");

    public static IReadOnlyList<SectionKeys> All { get; } =
        [Service, Host, Shard, Node, Router, RouterInstance, Software, Green, Credential, Tls, Limits, DataClass, Suite, Workload, Notify, Volume, Snapshots, Azure, AzureCredential, AzureGreen, Journal];
}
