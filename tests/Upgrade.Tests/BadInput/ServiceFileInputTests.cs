using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Upgrade.Tests.Configuration;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.BadInput;

/// <summary>A service file that is wrong ends the real command before anything is asked of anybody.</summary>
public sealed class ServiceFileInputTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("a colon that is missing", "name orders\nengine: redis\n", "InvalidYaml", 2, ":2:")]
    [InlineData("a bracket that is never closed", "name: orders\nnodes: [ { name: a\n", "InvalidYaml", 2, ":")]
    [InlineData("a key that is mistyped", "nmae: orders\nengine: redis\n", "UnknownKey", 2, ":1: nmae:")]
    [InlineData("a key that is missing", "name: orders\nengine: redis\n", "MissingKey", 2, "'version'")]
    [InlineData("an engine that does not exist", "name: orders\nengine: oracle\nversion: \"7.0\"\nnodes:\n  - { name: a, endpoint: 127.0.0.1:7001, role: primary }\nrouter: { kind: gateway, listen: 127.0.0.1:6379 }\n", "UnknownEngine", 2, ":2: engine:")]
    [InlineData("an endpoint that is none", "name: orders\nengine: redis\nversion: \"7.0\"\nnodes:\n  - { name: a, endpoint: here, role: primary }\nrouter: { kind: gateway, listen: 127.0.0.1:6379 }\n", "InvalidValue", 2, ":5: nodes[0].endpoint:")]
    [InlineData("a duration without a unit", "name: orders\nengine: redis\nversion: \"7.0\"\nnodes:\n  - { name: a, endpoint: 127.0.0.1:7001 }\nrouter: { kind: gateway, listen: 127.0.0.1:6379 }\nlimits:\n  windowDeadline: 30\n", "InvalidValue", 2, ":8: limits.windowDeadline:")]
    public async Task A_wrong_file_is_told_with_file_line_and_key(string what, string text, string error, int code, string place)
    {
        using var file = new ServiceFile(text);
        var outcome = await RunAsync("plan", file.FullName);
        Assert.True(error == outcome.ErrorId && code == outcome.ExitCode, $"{what}: {outcome}");
        Assert.Contains(file.FullName, outcome.Output, StringComparison.Ordinal);
        Assert.Contains(place, outcome.Output, StringComparison.Ordinal);
        Assert.Contains("what to do:", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_told_by_its_full_path()
    {
        var outcome = await RunAsync("upgrade", "/nowhere/orders.yaml", "--yes");
        Assert.Equal(("ServiceFileNotFound", 3), (outcome.ErrorId, outcome.ExitCode));
        Assert.Contains("/nowhere/orders.yaml", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_text_is_told_to_be_unreadable()
    {
        using var file = new ServiceFile(string.Empty);
        await File.WriteAllBytesAsync(file.FullName, [0x6e, 0x61, 0xff, 0xfe, 0x00, 0x0a]);
        var outcome = await RunAsync("plan", file.FullName);
        Assert.Equal(("ServiceFileUnreadable", 2), (outcome.ErrorId, outcome.ExitCode));
    }

    [Fact]
    public async Task A_folder_in_place_of_a_file_is_told_to_be_unreadable()
    {
        using var file = new ServiceFile(string.Empty);
        var outcome = await RunAsync("plan", file.Folder);
        Assert.Equal(("ServiceFileUnreadable", 2), (outcome.ErrorId, outcome.ExitCode));
    }

    [Theory]
    [InlineData("--through", "somewhere", "provision, replicate, catch-up, verify, switch, retire")]
    [InlineData("--window-deadline", "soon", "a duration with the units")]
    [InlineData("--lag-gate", "much", "a size in B, KB, MB")]
    [InlineData("--throttle-limit", "0", "a whole number above 0")]
    [InlineData("--strategy", "shards", "mirror, volume-reuse, shard-by-shard")]
    public async Task A_wrong_option_is_told_with_what_was_expected(string option, string value, string expected)
    {
        using var file = new ServiceFile(ServiceFile.Minimal);
        var outcome = await RunAsync("upgrade", file.FullName, option, value);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(value, outcome.Output, StringComparison.Ordinal);
        Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_that_nobody_confirmed_is_not_begun()
    {
        using var file = new ServiceFile(ServiceFile.Minimal);
        var outcome = await RunAsync("upgrade", file.FullName);
        Assert.Equal(("ConfirmationNeeded", 2), (outcome.ErrorId, outcome.ExitCode));
        Assert.Contains("--yes", outcome.Output, StringComparison.Ordinal);
    }

    private async Task<CommandOutcome> RunAsync(params string[] arguments)
    {
        await using var bed = new TestBed(output);
        var process = bed.StartDotnet("statefuldeploy", new ProcessOptions { WorkingDirectory = bed.Folder }, arguments);
        var code = await process.WaitForExitAsync(Soon);
        output.WriteLine(process.Output);
        return new CommandOutcome(code, process.Output);
    }
}
