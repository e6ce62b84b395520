using System.Text.RegularExpressions;
using System.Xml.Linq;
using StatefulDeploy.Help;

namespace StatefulDeploy.Cmdlets.Tests;

/// <summary>The manifest says what the assembly has.</summary>
public sealed class ManifestTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly string Manifest = Checkout.Read("StatefulDeploy.psd1");

    [Fact]
    public void Exactly_the_cmdlets_of_the_assembly_are_exported() =>
        Assert.Equal(HelpFiles.Cmdlets.Select(cmdlet => cmdlet.Name), List("CmdletsToExport").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("FunctionsToExport")]
    [InlineData("AliasesToExport")]
    [InlineData("VariablesToExport")]
    [InlineData("DscResourcesToExport")]
    public void Nothing_else_is_exported(string key) => Assert.Empty(List(key));

    [Theory]
    [InlineData("RootModule", "module/bin/StatefulDeploy.Cmdlets.dll")]
    [InlineData("PowerShellVersion", "7.4")]
    public void The_manifest_says(string key, string value) => Assert.Equal(value, Value(key));

    [Fact]
    public void The_version_is_that_of_the_assemblies() =>
        Assert.Equal(XDocument.Parse(Checkout.Read("Directory.Build.props")).Descendants("Version").Single().Value, Value("ModuleVersion"));

    [Theory]
    [InlineData("Description")]
    [InlineData("LicenseUri")]
    [InlineData("ProjectUri")]
    [InlineData("ReleaseNotes")]
    public void It_can_be_published(string key) => Assert.NotEmpty(Value(key));

    [Theory]
    [InlineData("FormatsToProcess")]
    [InlineData("TypesToProcess")]
    public void Its_files_exist(string key) => Assert.All(List(key), file => Assert.True(File.Exists(Path.Combine(Checkout.Root, file)), file));

    private static string Value(string key) => Regex.Match(Manifest, $@"\b{key}\s*=\s*'(?<value>[^']*)'", RegexOptions.ExplicitCapture, Patience).Groups["value"].Value;

    private static List<string> List(string key)
    {
        var list = Regex.Match(Manifest, $@"\b{key}\s*=\s*@\((?<list>[^)]*)\)", RegexOptions.ExplicitCapture, Patience);
        Assert.True(list.Success, $"{key} is not a list");
        return Regex.Matches(list.Groups["list"].Value, "'(?<one>[^']*)'", RegexOptions.ExplicitCapture, Patience).Select(match => match.Groups["one"].Value).ToList();
    }
}
