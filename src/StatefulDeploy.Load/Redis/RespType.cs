namespace StatefulDeploy.Load.Redis;

/// <summary>What a reply is, as far as a ledger cares.</summary>
internal enum RespType
{
    Text,
    Error,
    Integer,
    Bulk,
    Null,
    Array,
}
