using System.Reflection;
using System.Runtime.Loader;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Loading;

/// <summary>
/// Holds every assembly of <c>bin/deps</c> apart from the session's own, so that other modules can bring other versions of them.
/// Only Core is shared, because its types are what cmdlets read and write.
/// </summary>
internal sealed class DependencyContext : AssemblyLoadContext
{
    private static readonly Assembly Core = typeof(IUpgradeOperations).Assembly;
    private readonly string _folder;

    public DependencyContext(string folder)
        : base("StatefulDeploy") => _folder = folder;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (string.Equals(assemblyName.Name, Core.GetName().Name, StringComparison.Ordinal))
        {
            return Core;
        }

        var file = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
