using StatefulDeploy.Model;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Upgrade.Tests.Verification;

public sealed class PesterSuiteTests
{
    [PesterFact]
    public async Task A_Pester_file_finds_green_and_its_failures_are_told_with_expected_and_actual()
    {
        using var scene = new Scene();
        var file = Path.Combine(scene.Folder, "it's orders.Tests.ps1");
        await File.WriteAllTextAsync(file, """
            Describe 'Orders' {
                It 'finds green' { $env:STATEFULDEPLOY_ENDPOINT | Should -Be '127.0.0.1:7101' }
                It 'keeps totals' { 9 | Should -Be 10 }
                It 'is for later' -Skip { }
            }
            """);
        var suite = new SuiteDescription { Name = "pester", PesterFile = file };

        var result = Assert.Single(await new VerificationRunner(copies: null).RunAsync(scene.Context(suite), [suite], new UpgradeConsent(), CancellationToken.None));

        Assert.False(result.Passed);
        Assert.Equal((2, 1), (result.Tests, result.Failures));
        Assert.Contains("keeps totals: Expected 10, but got 9.", result.Notes, StringComparison.Ordinal);
    }
}
