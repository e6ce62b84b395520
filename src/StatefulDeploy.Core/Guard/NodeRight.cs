namespace StatefulDeploy.Guard;

/// <summary>What completed windows have left a node with.</summary>
internal enum NodeRight
{
    /// <summary>It may take clients' writes.</summary>
    Live,

    /// <summary>It must not, until a window is committed in its favour.</summary>
    Fenced,
}
