using StatefulDeploy.Guard;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>Deadlines do not move when somebody sets the clock.</summary>
public sealed class GuardInstantTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly GuardInstant Armed = new("boot-1", 100_000, Noon);

    [Theory]
    [InlineData(-86_400)]
    [InlineData(0)]
    [InlineData(86_400)]
    public void Within_a_boot_the_wall_clock_says_nothing(int wallSeconds) =>
        Assert.Equal(TimeSpan.FromSeconds(5), new GuardInstant("boot-1", 105_000, Noon.AddSeconds(wallSeconds)).Since(Armed));

    [Fact]
    public void After_a_reboot_the_wall_clock_says_how_long_it_was() =>
        Assert.Equal(TimeSpan.FromMinutes(3), new GuardInstant("boot-2", 20_000, Noon.AddMinutes(3)).Since(Armed));

    [Fact]
    public void After_a_reboot_with_the_wall_clock_set_back_it_is_at_least_as_long_as_this_boot() =>
        Assert.Equal(TimeSpan.FromSeconds(20), new GuardInstant("boot-2", 20_000, Noon.AddHours(-1)).Since(Armed));

    [Fact]
    public void It_is_never_negative() =>
        Assert.Equal(TimeSpan.Zero, new GuardInstant("boot-1", 90_000, Noon).Since(Armed));
}
