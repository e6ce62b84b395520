using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Journal;

public sealed class ServiceLeaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lease-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_live_holder_is_never_taken_over()
    {
        using var held = Acquire();

        var failure = Assert.Throws<UpgradeException>(() => Acquire());

        Assert.Equal("ServiceBusy", failure.ErrorId);
        Assert.Equal(FailureCategory.Busy, failure.Category);
    }

    [Fact]
    public void A_lease_given_back_can_be_taken()
    {
        Acquire().Dispose();

        using var again = Acquire();

        Assert.NotNull(ServiceLease.Read(_folder));
    }

    [Fact]
    public void A_holder_whose_process_has_ended_is_taken_over_at_once()
    {
        WriteHolder(RunningProcess.Self with { StartTicks = 1 }, DateTimeOffset.UtcNow);

        using var taken = Acquire();

        Assert.Equal(RunningProcess.Self, ServiceLease.Read(_folder)!.Process);
    }

    [Fact]
    public void A_holder_that_no_longer_renews_is_taken_over_and_told()
    {
        using var suspended = Acquire();
        WriteHolder(RunningProcess.Self, DateTimeOffset.UtcNow - ServiceLease.TimeToLive);

        using var taken = Acquire();

        Assert.True(suspended.Lost.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)), "The former holder must notice at its next heartbeat.");
        Assert.False(taken.Lost.IsCancellationRequested);
    }

    private ServiceLease Acquire() => ServiceLease.Acquire(_folder, "orders", "orders-1", "operator", TimeProvider.System);

    private void WriteHolder(ProcessIdentity process, DateTimeOffset renewed) => File.WriteAllText(
        Path.Combine(_folder, "lease.json"),
        ModelJson.Write(new LeaseRecord("somebody", Environment.MachineName, process, "orders-0", "operator", renewed)));
}
