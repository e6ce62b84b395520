using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Core.Tests.Workflow;

public sealed class KeeperAtWorkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sd.").FullName;
    private readonly KeeperAtWork _keeper = new(SessionPool.Operator, TimeProvider.System);
    private int _tries;

    [Fact]
    public async Task What_finds_the_service_taken_by_a_keeper_meanwhile_is_begun_again()
    {
        using var lease = ServiceLease.Acquire(_folder, "orders", "u1", SessionPool.Keeper, TimeProvider.System);
        Assert.Equal(2, await _keeper.AfterAsync(new JournalFolder(_folder), () => ++_tries < 2 ? throw Busy() : Task.FromResult(_tries), CancellationToken.None));
    }

    [Fact]
    public async Task What_finds_it_taken_by_another_operator_is_refused_at_once()
    {
        using var lease = ServiceLease.Acquire(_folder, "orders", "u1", SessionPool.Operator, TimeProvider.System);
        await Assert.ThrowsAsync<UpgradeException>(() => _keeper.AfterAsync(new JournalFolder(_folder), FailAsync, CancellationToken.None));
        Assert.Equal(1, _tries);
    }

    [Fact]
    public async Task A_keeper_that_does_not_let_go_is_not_waited_for_for_ever()
    {
        using var lease = ServiceLease.Acquire(_folder, "orders", "u1", SessionPool.Keeper, TimeProvider.System);
        Assert.Equal("ServiceBusy", (await Assert.ThrowsAsync<UpgradeException>(() => _keeper.AfterAsync(new JournalFolder(_folder), FailAsync, CancellationToken.None))).ErrorId);
        Assert.Equal(3, _tries);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<int> FailAsync()
    {
        _tries++;
        throw Busy();
    }

    private static UpgradeException Busy() => new("ServiceBusy", "It is taken.", "Wait.", FailureCategory.Busy);
}
