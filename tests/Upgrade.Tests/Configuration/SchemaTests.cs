using System.Runtime.CompilerServices;
using System.Text.Json;
using StatefulDeploy.Composition.Configuration;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>Editors check a service file with the schema, we with the reader: both know the same keys.</summary>
public sealed class SchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(SchemaPath())).RootElement;

    public static TheoryData<string> Sections => new(SectionKeys.All.Select(keys => keys.Name));

    [Theory]
    [MemberData(nameof(Sections))]
    public void The_schema_has_the_keys_of_the_reader_and_no_others(string section)
    {
        var definition = Schema.GetProperty("definitions").GetProperty(section);

        Assert.Equal(
            SectionKeys.All.Single(keys => keys.Name == section).Keys.Order(StringComparer.Ordinal),
            definition.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.False(definition.GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public void Every_section_of_the_schema_is_one_of_the_reader()
    {
        var sections = Schema.GetProperty("definitions").EnumerateObject()
            .Where(definition => definition.Value.TryGetProperty("properties", out _))
            .Select(definition => definition.Name);

        Assert.Equal(SectionKeys.All.Select(keys => keys.Name).Order(StringComparer.Ordinal), sections.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reference_of_the_schema_leads_somewhere()
    {
        var definitions = Schema.GetProperty("definitions");

        Assert.All(References(Schema), reference => Assert.True(definitions.TryGetProperty(reference["#/definitions/".Length..], out _), reference));
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => property.NameEquals("$ref") ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static string SchemaPath([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "module", "service.schema.json"));
}
