using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    public void A_duration_is_a_number_with_a_unit(string text, double milliseconds)
    {
        Assert.True(Quantity.TryParseDuration(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1w")]
    [InlineData("00:00:30")]
    public void Anything_else_is_no_duration(string text) => Assert.False(Quantity.TryParseDuration(text, out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("12", 12)]
    [InlineData("12B", 12)]
    [InlineData("64KB", 65_536)]
    [InlineData("1 MB", 1_048_576)]
    [InlineData("1MiB", 1_048_576)]
    [InlineData("1.5g", 1_610_612_736)]
    public void A_size_counts_as_PowerShell_does(string text, long bytes)
    {
        Assert.True(Quantity.TryParseBytes(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("-1")]
    [InlineData("1PB")]
    [InlineData("99999999TB")]
    public void Anything_else_is_no_size(string text) => Assert.False(Quantity.TryParseBytes(text, out _));

    [Theory]
    [InlineData(8.254, "8.3 ms")]
    [InlineData(250, "250 ms")]
    [InlineData(1_300, "1.3 s")]
    [InlineData(30_000, "30 s")]
    [InlineData(250_000, "4 min 10 s")]
    [InlineData(600_000, "10 min")]
    [InlineData(7_500_000, "2 h 5 min")]
    [InlineData(86_400_000, "1 d")]
    public void A_duration_is_shown_as_precisely_as_it_is_worth(double milliseconds, string text) =>
        Assert.Equal(text, Quantity.Text(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1_023, "1023 B")]
    [InlineData(1_572_864, "1.5 MiB")]
    [InlineData(5L << 40, "5 TiB")]
    public void A_size_is_shown_in_the_unit_that_keeps_it_short(long bytes, string text) => Assert.Equal(text, Quantity.Text(bytes));
}
