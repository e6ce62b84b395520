using System.Management.Automation;

namespace StatefulDeploy.Cmdlets.Loading;

/// <summary>Gives back the leases of a session that removes the module, so that another session can go on at once.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc />
    public void OnRemove(PSModuleInfo psModuleInfo) => Product.Release();
}
