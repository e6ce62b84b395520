using StatefulDeploy.Help;

namespace StatefulDeploy.Cmdlets.Tests;

/// <summary>The help is complete, says nothing of what is not there, and is what Get-Help reads.</summary>
public sealed class HelpTests
{
    private static readonly IReadOnlyDictionary<string, HelpPage> Pages = HelpFiles.ReadPages(Checkout.Help);

    [Fact]
    public void Every_cmdlet_has_a_page_and_every_page_a_cmdlet() =>
        Assert.Equal(HelpFiles.Cmdlets.Select(cmdlet => cmdlet.Name), Pages.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void A_page_describes_the_cmdlet_and_exactly_its_parameters(string name)
    {
        var page = Pages[name];
        Assert.NotEmpty(page.Synopsis);
        Assert.NotEmpty(page.Description);
        Assert.NotEmpty(page.Notes);
        Assert.Equal(CmdletData.Find(name).Parameters.Select(parameter => parameter.Name).Distinct().Order(StringComparer.Ordinal), page.Parameters.Keys.Order(StringComparer.Ordinal));
        Assert.All(page.Parameters.Values, paragraphs => Assert.NotEmpty(paragraphs));
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void A_page_has_three_examples_or_more_that_use_the_cmdlet(string name)
    {
        var examples = Pages[name].Examples;
        Assert.InRange(examples.Count, 3, 20);
        Assert.All(examples, example => Assert.Contains(name, example.Code, StringComparison.Ordinal));
        Assert.Equal(examples.Count, examples.Select(example => example.Title).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void A_page_names_the_types_that_the_cmdlet_writes_and_takes(string name)
    {
        var cmdlet = CmdletData.Find(name);
        Assert.Equal(cmdlet.OutputTypes.Select(type => type.FullName), Pages[name].Outputs.Select(output => output.Title));
        var taken = cmdlet.Parameters.Where(parameter => parameter.FromPipeline).Select(parameter => (parameter.Type.GetElementType() ?? parameter.Type).FullName).Distinct();
        Assert.Subset(Pages[name].Inputs.Select(input => (string?)input.Title).ToHashSet(), taken.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(CmdletData.Names), MemberType = typeof(CmdletData))]
    public void Links_lead_somewhere(string name)
    {
        var topics = Directory.GetFiles(Checkout.Help, "about_*.help.txt").Select(file => Path.GetFileName(file).Replace(".help.txt", "", StringComparison.Ordinal));
        Assert.Subset(HelpFiles.Cmdlets.Select(cmdlet => cmdlet.Name).Concat(topics).ToHashSet(), Pages[name].Links.ToHashSet());
        Assert.DoesNotContain(name, Pages[name].Links);
    }

    [Fact]
    public void What_Get_Help_reads_is_made_from_the_pages_as_they_are() =>
        Assert.Equal(HelpFiles.Compose(Checkout.Help), Checkout.Read("en-US", HelpFiles.MamlName));

    [Fact]
    public void About_topics_fit_a_console_of_80_columns()
    {
        foreach (var file in Directory.GetFiles(Checkout.Help, "about_*.help.txt"))
        {
            Assert.All(File.ReadLines(file), line => Assert.InRange(line.Length, 0, 80));
        }
    }
}
