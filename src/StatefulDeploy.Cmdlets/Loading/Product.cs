using System.Reflection;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Loading;

/// <summary>The operations behind the cmdlets and the platform they work on: put together at first need, which keeps the import fast.</summary>
internal static class Product
{
    private static readonly Lazy<IPlatform> LoadedPlatform = new(LoadPlatform);
    private static readonly Lazy<IUpgradeOperations> LoadedOperations = new(() => CreateOperations(LoadedPlatform.Value));

    /// <summary>Engines, hosts, routers and service files.</summary>
    public static IPlatform Platform => LoadedPlatform.Value;

    /// <summary>What every cmdlet calls.</summary>
    public static IUpgradeOperations Operations => Substitute ?? LoadedOperations.Value;

    /// <summary>Takes the place of the real operations in tests of the cmdlets themselves.</summary>
    internal static IUpgradeOperations? Substitute { get; set; }

    private static IPlatform LoadPlatform()
    {
        var folder = Path.Combine(Path.GetDirectoryName(typeof(Product).Assembly.Location)!, "deps");
        var composition = new DependencyContext(folder).LoadFromAssemblyName(new AssemblyName("StatefulDeploy.Composition"));
        var create = composition.GetType("StatefulDeploy.Composition.Platform", throwOnError: true)!.GetMethod("Create", Type.EmptyTypes)
            ?? throw new MissingMethodException("StatefulDeploy.Composition.Platform", "Create");
        return (IPlatform)create.Invoke(null, null)!;
    }

    private static IUpgradeOperations CreateOperations(IPlatform platform)
    {
        var type = typeof(IUpgradeOperations).Assembly.GetType("StatefulDeploy.Workflow.UpgradeOperations", throwOnError: true)!;
        return (IUpgradeOperations)Activator.CreateInstance(type, platform)!;
    }
}
