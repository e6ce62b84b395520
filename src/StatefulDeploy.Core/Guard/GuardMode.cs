namespace StatefulDeploy.Guard;

/// <summary>What a process of <c>statefuldeploy guard</c> is.</summary>
public enum GuardMode
{
    /// <summary>The guard.</summary>
    Guard,

    /// <summary>The way from another machine to the guard on this one, by standard input and output.</summary>
    Bridge,

    /// <summary>One that says which version it is.</summary>
    About,
}
