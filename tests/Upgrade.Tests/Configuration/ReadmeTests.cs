using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>The service files that the README shows are read by the real reader.</summary>
public sealed partial class ReadmeTests
{
    private static readonly IReadOnlyList<string> Files = [.. YamlPattern().Matches(File.ReadAllText(ReadmePath())).Select(match => match.Groups["yaml"].Value)];

    [Fact]
    public void The_short_file_is_enough()
    {
        var service = ServiceFile.Read(Files[0]);

        Assert.Equal(NodeRole.Replica, service.Blue.Shards[0].Nodes[1].Role);
        Assert.Equal("8.0", service.Green.Version);
    }

    [Fact]
    public void Everything_that_can_be_added_is_right_and_its_limits_are_the_defaults()
    {
        var service = ServiceFile.Read(Files[0] + Files[1]);

        Assert.Equal(DataClass.Critical, service.DataClass);
        Assert.Equal(4, service.Suites.Count);
        Assert.Equal(2, service.Notify.Count);
        Assert.Equal("deploy@db2.example.org", service.Hosts["db2"].Ssh);
        Assert.Equal(new UpgradeLimits(), service.Limits);
    }

    [Fact]
    public void The_example_with_two_machines_is_right()
    {
        var service = ServiceFile.Read(File.ReadAllText(Path.Combine(Path.GetDirectoryName(ReadmePath())!, "examples", "two-machines.yaml")));

        Assert.Equal("local", service.Blue.Writer.Host);
        Assert.Equal("db2", service.Hosts[service.Green.Shards[0].Primary.Host].Ssh);
    }

    [Fact]
    public void The_shards_are_services_of_their_own()
    {
        Assert.Equal(["orders-a", "orders-b"], ServiceFile.Read(Files.Single(file => file.Contains("shardsAtOnce", StringComparison.Ordinal))).Parts.Select(part => part.Name));
        var example = ServiceFile.Read(File.ReadAllText(Path.Combine(Path.GetDirectoryName(ReadmePath())!, "examples", "sharded.yaml")));
        Assert.Equal([2, 2, 2], example.Parts.Select(part => part.Blue.Nodes.Count()));
    }

    [GeneratedRegex("```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex YamlPattern();

    private static string ReadmePath([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "README.md"));
}
