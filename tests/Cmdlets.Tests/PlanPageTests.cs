using StatefulDeploy.Cmdlets.Display;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Tests;

public sealed class PlanPageTests
{
    private static readonly UpgradePlan Plan = new()
    {
        Service = "orders",
        Path = "/services/orders.yaml",
        Engine = "Redis",
        Version = "7.0",
        TargetVersion = "8.0",
        Green = new ClusterLayout(ClusterColour.Green, "8.0", [new Shard("main", [new Node { Name = "green-1", Endpoint = new NodeEndpoint("127.0.0.1", 7379), Version = "8.0" }])]),
        Router = new RouterPromise(true, true, true, TimeSpan.FromMilliseconds(12), string.Concat(Enumerable.Repeat("Held requests go on at green. ", 10))),
        WayBack = new WayBack(WayBackKind.Relay, "A relay applies green's changes to blue."),
        Findings = [Finding.Warn("NoReplica", "main", "The shard has no replica.", "Add one."), Finding.Refuse("OldVersion", "blue-1", "It is too old.", "Upgrade it.")],
        Steps = [new PlannedStep(9, "Fence", "Closes blue.", "It opens again.", TimeSpan.FromSeconds(30), true, true), new PlannedStep(18, "Retire", "Stops blue.", "", TimeSpan.FromSeconds(30), false, false)],
    };

    [Fact]
    public void A_page_fits_100_columns_however_long_its_sentences() =>
        Assert.All(PlanPage.Of(Plan).Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 100));

    [Fact]
    public void A_page_tells_each_step_each_finding_and_the_verdict()
    {
        var page = PlanPage.Of(Plan);
        Assert.Contains("  9 Fence        *  Closes blue.", page, StringComparison.Ordinal);
        Assert.Contains(" 18 Retire        ! Stops blue.", page, StringComparison.Ordinal);
        Assert.Contains("OldVersion (blue-1): It is too old. Upgrade it.", page, StringComparison.Ordinal);
        Assert.EndsWith("It would be refused: nothing would be touched.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preview_shows_the_steps_of_its_stretch_and_the_risks()
    {
        var retire = PlanPreview.Of(Plan, UpgradeStretch.Retire).ToList();
        Assert.Contains("Step 18, Retire: Stops blue.", retire);
        Assert.DoesNotContain(retire, line => line.Contains("Fence", StringComparison.Ordinal));
        Assert.Contains(retire, line => line.StartsWith("It would be refused (OldVersion", StringComparison.Ordinal));
    }

    [Fact]
    public void The_way_back_is_not_told_in_sentences_about_the_way_there() =>
        Assert.DoesNotContain(PlanPreview.Of(Plan, UpgradeStretch.SwitchBack), line => line.Contains("Step", StringComparison.Ordinal));

    [Theory]
    [InlineData(512L, "512 B")]
    [InlineData(1536L, "1.5 KiB")]
    [InlineData(null, "")]
    public void Bytes_have_a_unit(long? bytes, string text) => Assert.Equal(text, Text.Bytes(bytes));
}
