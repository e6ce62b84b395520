using System.Xml.Linq;
using StatefulDeploy.Contracts;
using StatefulDeploy.Help;

namespace StatefulDeploy.Cmdlets.Tests;

/// <summary>Every type that a cmdlet writes is shown as a table of at most 100 columns, and as a list.</summary>
public sealed class FormatTests
{
    private static readonly XDocument Views = XDocument.Parse(Checkout.Read("module", "StatefulDeploy.Format.ps1xml"));
    private static readonly XDocument Types = XDocument.Parse(Checkout.Read("module", "StatefulDeploy.Types.ps1xml"));

    public static TheoryData<string> OutputTypes => [.. HelpFiles.Cmdlets.SelectMany(cmdlet => cmdlet.OutputTypes).Select(type => type.FullName!).Distinct()];

    public static TheoryData<string> ShownTypes => [.. Views.Descendants("TypeName").Select(name => name.Value).Distinct()];

    [Theory]
    [MemberData(nameof(OutputTypes))]
    public void A_type_that_is_written_has_a_table_a_list_and_a_default_display(string type)
    {
        Assert.Single(ViewsOf(type, "TableControl"));
        Assert.Single(ViewsOf(type, "ListControl"));
        Assert.Contains(Types.Descendants("Type").Elements("Name"), name => name.Value == type);
    }

    [Theory]
    [MemberData(nameof(ShownTypes))]
    public void A_table_fits_100_columns(string type)
    {
        var widths = ViewsOf(type, "TableControl").Descendants("TableColumnHeader").Select(column => (int?)column.Element("Width") ?? 10).ToList();
        Assert.InRange(widths.Sum() + widths.Count - 1, 1, 100);
    }

    [Theory]
    [MemberData(nameof(ShownTypes))]
    public void A_view_names_properties_that_exist(string type)
    {
        var shown = typeof(IUpgradeOperations).Assembly.GetType(type, throwOnError: true)!;
        var names = Views.Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == type)).Descendants("PropertyName").Select(name => name.Value);
        Assert.All(names, name => Assert.NotNull(shown.GetProperty(name)));
    }

    [Fact]
    public void A_table_has_a_header_for_each_column() =>
        Assert.All(Views.Descendants("TableControl"), table => Assert.Equal(table.Descendants("TableColumnHeader").Count(), table.Descendants("TableColumnItem").Count()));

    [Fact]
    public void Default_displays_name_properties_that_exist()
    {
        foreach (var type in Types.Descendants("Type"))
        {
            var shown = typeof(IUpgradeOperations).Assembly.GetType(type.Element("Name")!.Value, throwOnError: true)!;
            Assert.All(type.Descendants("ReferencedProperties").Elements("Name"), name => Assert.NotNull(shown.GetProperty(name.Value)));
        }
    }

    private static IEnumerable<XElement> ViewsOf(string type, string control) => Views.Descendants("View")
        .Where(view => view.Element(control) is not null && view.Descendants("TypeName").Any(name => name.Value == type));
}
