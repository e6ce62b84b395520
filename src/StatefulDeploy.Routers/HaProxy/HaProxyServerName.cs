namespace StatefulDeploy.Routers.HaProxy;

/// <summary>A server of a HAProxy, as its runtime API names it.</summary>
/// <param name="Backend">The section that has it: a backend, or a listen.</param>
/// <param name="Server">Its name there.</param>
internal sealed record HaProxyServerName(string Backend, string Server)
{
    /// <summary><c>backend/server</c>.</summary>
    public override string ToString() => $"{Backend}/{Server}";
}
