using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Contracts;
using StatefulDeploy.Help;

namespace StatefulDeploy.Cmdlets.Tests;

/// <summary>What a module is judged by, asked of the compiled cmdlets: by attribute data alone, for which no PowerShell is needed.</summary>
public sealed partial class ConventionTests
{
    private static readonly HashSet<string> ApprovedVerbs = new[] { typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity) }
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(field => (string)field.GetValue(null)!)
        .ToHashSet(StringComparer.Ordinal);

    private static readonly HashSet<string> ReadingVerbs = ["Get", "Wait", "Compare"];

    /// <summary>The cmdlets that can move traffic, close writes, retire a cluster, or take data or a copy of it away.</summary>
    private static readonly HashSet<string> Grave =
        ["Set-ClusterReadOnly", "Switch-Traffic", "Undo-TrafficSwitch", "Remove-BlueCluster", "Invoke-StatefulUpgrade", "Resume-StatefulUpgrade", "Undo-StatefulUpgrade", "Restore-ClusterSnapshot", "Remove-ClusterSnapshot"];

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void The_verb_is_approved_and_the_noun_is_a_singular_in_pascal_case(string name)
    {
        var cmdlet = CmdletData.Find(name);
        Assert.Contains(cmdlet.Verb, ApprovedVerbs);
        Assert.Matches(PascalCase(), cmdlet.Noun);
        Assert.False(cmdlet.Noun.EndsWith('s') && !cmdlet.Noun.EndsWith("ss", StringComparison.Ordinal), $"{cmdlet.Noun} is a plural");
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void The_class_is_named_after_the_cmdlet_and_sealed(string name)
    {
        var cmdlet = CmdletData.Find(name);
        Assert.Equal($"{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Class.Name);
        Assert.True(cmdlet.Class.IsSealed);
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void The_output_type_is_declared_and_our_own(string name)
    {
        var outputs = CmdletData.Find(name).OutputTypes;
        Assert.NotEmpty(outputs);
        Assert.All(outputs, type => Assert.Same(typeof(IUpgradeOperations).Assembly, type.Assembly));
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Whatever_changes_something_supports_ShouldProcess_and_nothing_else_does(string name)
    {
        var cmdlet = CmdletData.Find(name);
        Assert.Equal(!ReadingVerbs.Contains(cmdlet.Verb), cmdlet.SupportsShouldProcess);
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Whatever_is_grave_asks_by_default_and_can_be_forced_and_nothing_else_does(string name)
    {
        var cmdlet = CmdletData.Find(name);
        var impact = cmdlet.Class.GetCustomAttributesData().Single(data => data.AttributeType == typeof(CmdletAttribute))
            .NamedArguments.FirstOrDefault(argument => argument.MemberName == nameof(CmdletAttribute.ConfirmImpact)).TypedValue.Value;
        Assert.Equal(Grave.Contains(name), impact is (int)ConfirmImpact.High);
        Assert.Equal(Grave.Contains(name), cmdlet.Parameters.Any(parameter => parameter.Name == "Force"));
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void The_default_parameter_set_exists_and_every_other_has_a_mandatory_parameter_of_its_own(string name)
    {
        var cmdlet = CmdletData.Find(name);
        if (cmdlet.Sets.Count == 1)
        {
            return;
        }

        Assert.Contains(cmdlet.DefaultSet, cmdlet.Sets);
        foreach (var set in cmdlet.Sets.Where(set => set != cmdlet.DefaultSet))
        {
            Assert.Contains(cmdlet.Parameters, parameter => parameter.Set == set && parameter.IsMandatory && SetsOf(cmdlet, parameter.Name) is [_]);
        }
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Each_parameter_set_takes_the_pipeline_by_one_parameter_and_no_two_sets_by_the_same_type(string name)
    {
        var cmdlet = CmdletData.Find(name);
        var byValue = cmdlet.Sets.Where(set => set != "LiteralPath").Select(set => Assert.Single(cmdlet.ParametersOf(set), parameter => parameter.FromPipeline)).ToList();
        Assert.Equal(byValue.Count, byValue.Select(parameter => parameter.Type).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Positions_are_counted_from_zero_in_each_parameter_set(string name)
    {
        var cmdlet = CmdletData.Find(name);
        foreach (var positions in cmdlet.Sets.Select(set => cmdlet.ParametersOf(set).Select(parameter => parameter.Position).OfType<int>().Order().ToList()))
        {
            Assert.Equal(Enumerable.Range(0, positions.Count), positions);
        }
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Names_that_a_person_would_look_up_are_completed(string name)
    {
        foreach (var parameter in CmdletData.Find(name).Parameters.Where(parameter => parameter.Name is "Path" or "UpgradeId" or "Version" or "Engine" or "Service" or "Volume" or "Node" or "SnapshotId"))
        {
            Assert.True(parameter.HasCompleter, $"-{parameter.Name} has no completer");
        }
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Durations_are_taken_as_people_say_them(string name)
    {
        foreach (var property in CmdletData.Find(name).Class.GetProperties().Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(TimeSpan)))
        {
            Assert.Contains(property.GetCustomAttributesData(), data => data.AttributeType == typeof(DurationAttribute));
        }
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Members_of_what_is_written_feed_parameters_of_their_name(string name)
    {
        var cmdlet = CmdletData.Find(name);
        foreach (var parameter in cmdlet.Parameters.Where(parameter => parameter.FromPipelineByName))
        {
            var names = parameter.Aliases.Append(parameter.Name).ToList();
            var members = HelpFiles.Cmdlets.SelectMany(other => other.OutputTypes).Distinct().SelectMany(type => type.GetProperties()).Select(property => property.Name);
            Assert.Contains(members.Append("FullName"), member => names.Contains(member));
        }
    }

    [Fact]
    public void No_parameter_takes_a_secret_or_a_type_of_a_dependency()
    {
        var types = HelpFiles.Cmdlets.SelectMany(cmdlet => cmdlet.Parameters).Select(parameter => parameter.ValueType.IsArray ? parameter.ValueType.GetElementType()! : parameter.ValueType).Distinct();
        Assert.All(types, type => Assert.Contains(type.Assembly, new[] { typeof(string).Assembly, typeof(Cmdlet).Assembly, typeof(IUpgradeOperations).Assembly }));
        Assert.DoesNotContain(HelpFiles.Cmdlets.SelectMany(cmdlet => cmdlet.Parameters), parameter => parameter.Name.Contains("Password", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Every_file_of_the_commands_folder_is_one_cmdlet()
    {
        var files = Directory.GetFiles(Path.Combine(Checkout.Root, "src", "StatefulDeploy.Cmdlets", "Commands")).Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(HelpFiles.Cmdlets.Select(cmdlet => cmdlet.Class.Name).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    private static List<string> SetsOf(CmdletShape cmdlet, string parameter) => cmdlet.Parameters.Where(one => one.Name == parameter).Select(one => one.Set).ToList();

    [GeneratedRegex("^([A-Z][a-z]+)+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PascalCase();
}
