namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>What an act does to a node.</summary>
internal enum LaneKind : byte
{
    Open,
    Close,
    Demote,
}
