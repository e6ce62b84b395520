using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Disks;

/// <summary>Large services stay far from Azure's limits.</summary>
public sealed class ManyDisksTests : ServiceTest
{
    [AzureFact]
    public async Task Where_500_disks_are_is_found_with_a_request_a_page()
    {
        const int Count = 500;
        var names = Enumerable.Range(0, Count).Select(number => FormattableString.Invariant($"data-{number}")).ToArray();
        await Parallel.ForEachAsync(names, async (name, _) => await Azure.MakeDiskAsync(name));
        await Azure.MakeMachineAsync("blue", size: "Standard_D8s_v5", disks: [.. names.Take(16)]);
        await Azure.MakeMachineAsync("green");
        var volumes = names.Select(name => Volume(name)).ToArray();
        using var provider = Provider(Service(volumes));

        var attached = await Task.WhenAll(volumes.SelectMany(volume => new[] { provider.IsAttachedAsync(volume, Host("blue"), default), provider.IsAttachedAsync(volume, Host("green"), default) }));

        Assert.Equal(16, attached.Count(one => one));
        Assert.InRange(Simulator.Requests.Count, 1, 12);
    }
}
