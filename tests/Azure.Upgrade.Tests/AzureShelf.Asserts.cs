namespace StatefulDeploy.Azure.Upgrade.Tests;

/// <summary>What must be so at Azure when an upgrade has ended.</summary>
internal sealed partial class AzureShelf
{
    /// <summary>Azure has every disk where it belongs; nobody asked what the API does not allow, no invariant was broken, and nothing was torn out of a machine.</summary>
    public async Task AssertSettledAsync(params string[] owners)
    {
        await Simulator.IdleAsync();
        Assert.Equal(owners, await OwnersAsync());
        Assert.Empty(Hardware.Torn);
        Simulator.Verify();
    }
}
