using System.Management.Automation;
using StatefulDeploy.Cmdlets.Errors;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Tests;

public sealed class ErrorTests
{
    public static TheoryData<FailureCategory> Categories => [.. Enum.GetValues<FailureCategory>()];

    [Theory]
    [MemberData(nameof(Categories))]
    public void Every_kind_of_failure_has_an_error_category_that_says_something(FailureCategory category) =>
        Assert.NotEqual(ErrorCategory.NotSpecified, UpgradeErrorRecord.CategoryOf(category));

    [Theory]
    [MemberData(nameof(Categories))]
    public void The_about_topic_tells_the_category_of_every_kind_of_failure(FailureCategory category)
    {
        var line = File.ReadLines(Path.Combine(Checkout.Help, "about_StatefulDeploy.help.txt"))
            .SkipWhile(line => !line.Contains("UpgradeException categories", StringComparison.Ordinal)).Skip(1)
            .First(line => line.Trim().Split(' ', ',').Contains(category.ToString()));
        Assert.Contains(UpgradeErrorRecord.CategoryOf(category).ToString(), line, StringComparison.Ordinal);
    }
}
