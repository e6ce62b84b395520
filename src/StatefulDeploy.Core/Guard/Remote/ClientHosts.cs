using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Remote;

/// <summary>The clients of a guard that reach hosts for it.</summary>
internal sealed class ClientHosts
{
    private readonly object _turn = new();
    private readonly List<ClientLink> _links = [];

    public void Add(ClientLink link)
    {
        lock (_turn)
        {
            if (!_links.Contains(link))
                _links.Add(link);
        }
    }

    public void Remove(ClientLink link)
    {
        lock (_turn)
            _links.Remove(link);
    }

    /// <summary>The one that came last and is there.</summary>
    /// <exception cref="UpgradeException">There is none.</exception>
    public ClientLink Find(string host)
    {
        lock (_turn)
        {
            return _links.FindLast(link => link.Answers) ?? throw new UpgradeException(
                "HostUnreachable",
                $"Host '{host}' is reached through the machine that the upgrade is run on, and that one is not connected.",
                "Resume the upgrade when that machine reaches this one again.",
                FailureCategory.Unreachable) { Target = host };
        }
    }
}
