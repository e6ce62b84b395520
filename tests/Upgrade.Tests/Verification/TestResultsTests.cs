using StatefulDeploy.Verification;

namespace StatefulDeploy.Upgrade.Tests.Verification;

public sealed class TestResultsTests
{
    [Fact]
    public void NUnit_2_5_as_Pester_writes_it_is_read()
    {
        var results = Read("""
            <?xml version="1.0" encoding="utf-8" standalone="no"?>
            <test-results name="Pester" total="3" errors="0" failures="1">
              <test-suite type="TestFixture"><results>
                <test-case name="Orders.keeps totals" executed="True" result="Success" success="True" />
                <test-case name="Orders.keeps counts" executed="True" result="Failure" success="False"><failure><message>Expected 3, but got 2.</message><stack-trace>at x</stack-trace></failure></test-case>
                <test-case name="Orders.later" executed="False" result="Ignored" success="True" />
              </results></test-suite>
            </test-results>
            """);

        Assert.Equal(2, results.Tests);
        Assert.Equal("Orders.keeps counts: Expected 3, but got 2.", Assert.Single(results.Failures));
    }

    [Fact]
    public void NUnit_3_is_read()
    {
        var results = Read("""
            <test-run><test-suite><test-case fullname="A.One" result="Passed"/><test-case fullname="A.Two" result="Failed"><failure><message><![CDATA[  Expected: 1
              But was:  2]]></message></failure></test-case><test-case fullname="A.Three" result="Skipped"/></test-suite></test-run>
            """);

        Assert.Equal(2, results.Tests);
        Assert.StartsWith("A.Two: Expected: 1", Assert.Single(results.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void JUnit_is_read_with_a_single_suite_as_its_root_and_errors_count()
    {
        var results = Read("<testsuite><testcase name=\"a\"/><testcase name=\"b\"><error>boom</error></testcase></testsuite>");

        Assert.Equal(2, results.Tests);
        Assert.Equal("b: boom", Assert.Single(results.Failures));
    }

    [Fact]
    public void What_a_results_file_names_elsewhere_is_not_fetched()
    {
        var results = Read("<!DOCTYPE testsuite [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><testsuite><testcase name=\"a\"/></testsuite>");

        Assert.Equal(1, results.Tests);
    }

    private static TestResults Read(string xml)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, xml);
            return TestResults.Read(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
