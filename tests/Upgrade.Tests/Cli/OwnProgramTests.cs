using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Upgrade.Tests.Cli;

public sealed class OwnProgramTests
{
    [Fact]
    public void It_starts_itself_when_it_runs_us()
    {
        var command = new OwnProgram("/opt/x/statefuldeploy.dll", "/opt/x/statefuldeploy", "/usr/bin/dotnet").Command("guard", "a b");

        Assert.Equal("/opt/x/statefuldeploy", command.Program);
        Assert.Equal(["guard", "a b"], command.Arguments);
    }

    [Fact]
    public void It_is_started_by_dotnet_when_something_else_runs_us()
    {
        var command = new OwnProgram("/opt/x/statefuldeploy.dll", "/opt/pwsh/pwsh", "/usr/bin/dotnet").Command("guard");

        Assert.Equal("/usr/bin/dotnet", command.Program);
        Assert.Equal(["exec", "/opt/x/statefuldeploy.dll", "guard"], command.Arguments);
    }

    [Fact]
    public void Inside_pwsh_without_dotnet_its_entry_point_is_called_with_quoted_arguments()
    {
        var command = new OwnProgram("/opt/it's/statefuldeploy.dll", "/opt/pwsh/pwsh", dotnet: null).Command("guard", "'; exit #", "\u2019");

        Assert.Equal("/opt/pwsh/pwsh", command.Program);
        Assert.Equal(
            "exit [System.Reflection.Assembly]::LoadFrom('/opt/it''s/statefuldeploy.dll').EntryPoint.Invoke($null, (,[string[]]@('guard','''; exit #','\u2019\u2019')))",
            command.Arguments[^1]);
    }

    [Fact]
    public void Without_any_runtime_it_says_what_is_missing()
    {
        var error = Assert.Throws<UpgradeException>(() => new OwnProgram("/opt/x/statefuldeploy.dll", "/opt/host", dotnet: null).Command("guard"));

        Assert.Equal("RuntimeMissing", error.ErrorId);
    }
}
