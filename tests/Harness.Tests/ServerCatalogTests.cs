using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Harness.Tests;

public sealed class ServerCatalogTests
{
    [Fact]
    public void A_name_it_does_not_know_is_an_error_and_no_skip() => Assert.Throws<ArgumentException>(() => new ServerFactAttribute("redsi-7.0"));

    [Fact]
    public void A_test_that_asks_for_nothing_is_not_skipped() => Assert.Null(new ServerFactAttribute().Skip);

    [Fact]
    public void A_server_that_is_here_has_a_program_and_one_that_is_not_has_a_reason()
    {
        foreach (var name in new[] { "redis-7.0", "redis-8.0", "valkey-8.1", "garnet-2.2.2", "garnet-2.2.8", "haproxy" })
        {
            if (ServerCatalog.WhyMissing([name]) is { } reason)
            {
                Assert.StartsWith(name + " is missing: ", reason, StringComparison.Ordinal);
                Assert.Throws<InvalidOperationException>(() => ServerCatalog.Get(name));
            }
            else
            {
                Assert.True(File.Exists(ServerCatalog.Get(name).Program));
            }
        }
    }

    [Fact]
    public void Cases_of_the_full_run_are_skipped_by_name_elsewhere()
    {
        var reason = new ServerFactAttribute { Full = true }.Skip;
        Assert.Equal(ServerCatalog.Full, reason is null);
    }
}
