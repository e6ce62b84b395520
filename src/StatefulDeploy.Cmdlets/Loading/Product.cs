using System.Reflection;
using StatefulDeploy.Contracts;
using StatefulDeploy.Volumes;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Cmdlets.Loading;

/// <summary>The operations behind the cmdlets and the platform they work on: put together at first need, which keeps the import fast.</summary>
internal static class Product
{
    private static readonly object Turn = new();
    private static readonly Lazy<IPlatform> LoadedPlatform = new(LoadPlatform);
    private static UpgradeOperations? _operations;

    /// <summary>Engines, hosts, routers and service files.</summary>
    public static IPlatform Platform => LoadedPlatform.Value;

    /// <summary>What every cmdlet calls. It keeps the leases of this session between the cmdlets.</summary>
    public static IUpgradeOperations Operations
    {
        get
        {
            lock (Turn)
            {
                return Substitute ?? (_operations ??= new UpgradeOperations(Platform));
            }
        }
    }

    /// <summary>What the cmdlets of volumes and snapshots call.</summary>
    public static IVolumeOperations Volumes => SubstituteVolumes ?? new VolumeOperations(Platform);

    /// <summary>What the cmdlets about Azure itself call.</summary>
    public static IAzureOperations Azure => SubstituteAzure ?? Platform.Azure;

    /// <summary>Takes the place of the real operations on Azure in tests of the cmdlets themselves.</summary>
    internal static IAzureOperations? SubstituteAzure { get; set; }

    /// <summary>Takes the place of the real operations on volumes in tests of the cmdlets themselves.</summary>
    internal static IVolumeOperations? SubstituteVolumes { get; set; }

    /// <summary>Takes the place of the real operations in tests of the cmdlets themselves.</summary>
    internal static IUpgradeOperations? Substitute { get; set; }

    /// <summary>Gives back the leases of this session.</summary>
    public static void Release()
    {
        UpgradeOperations? released;
        lock (Turn)
        {
            (released, _operations) = (_operations, null);
        }

        released?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static IPlatform LoadPlatform()
    {
        var folder = Path.Combine(Path.GetDirectoryName(typeof(Product).Assembly.Location)!, "deps");
        var composition = new DependencyContext(folder).LoadFromAssemblyName(new AssemblyName("StatefulDeploy.Composition"));
        var create = composition.GetType("StatefulDeploy.Composition.Platform", throwOnError: true)!.GetMethod("Create", Type.EmptyTypes)
            ?? throw new MissingMethodException("StatefulDeploy.Composition.Platform", "Create");
        return (IPlatform)create.Invoke(null, null)!;
    }
}
