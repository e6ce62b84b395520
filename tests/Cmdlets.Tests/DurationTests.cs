using StatefulDeploy.Cmdlets.Parameters;

namespace StatefulDeploy.Cmdlets.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData(30, 30_000)]
    [InlineData(0.5, 500)]
    [InlineData("30", 30_000)]
    [InlineData("500ms", 500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("00:00:30", 30_000)]
    [InlineData("1.00:00:00", 86_400_000)]
    public void A_duration_is_read_as_a_person_says_it(object given, double milliseconds) =>
        Assert.Equal(milliseconds, DurationAttribute.Read(given)?.TotalMilliseconds);

    [Theory]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("30 apples")]
    [InlineData("1:2:3:4:5")]
    [InlineData(true)]
    public void Anything_else_is_no_duration(object given) => Assert.Null(DurationAttribute.Read(given));
}
