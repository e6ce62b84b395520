using System.Reflection;

namespace StatefulDeploy.Help;

/// <summary>A cmdlet as it is compiled. Read from attribute data, which needs no PowerShell.</summary>
internal sealed record CmdletShape(Type Class, string Verb, string Noun, bool SupportsShouldProcess, string? DefaultSet, IReadOnlyList<Type> OutputTypes, IReadOnlyList<ParameterShape> Parameters)
{
    /// <summary>Verb-Noun.</summary>
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The names of its parameter sets; one that stands for all when it has no others.</summary>
    public IReadOnlyList<string> Sets => Parameters.Select(parameter => parameter.Set).Where(set => set != ParameterShape.AllSets).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } sets
        ? sets
        : [ParameterShape.AllSets];

    /// <summary>The parameters of a set, in the order of their positions, mandatory ones before others.</summary>
    public IReadOnlyList<ParameterShape> ParametersOf(string set) => Parameters
        .Where(parameter => parameter.Set == set || parameter.Set == ParameterShape.AllSets)
        .OrderBy(parameter => parameter.Position ?? int.MaxValue)
        .ThenByDescending(parameter => parameter.IsMandatory)
        .ToList();

    /// <summary>The cmdlets of an assembly, by name.</summary>
    public static IReadOnlyList<CmdletShape> AllOf(Assembly assembly) => assembly.GetTypes()
        .Where(type => !type.IsAbstract && Attribute(type, "CmdletAttribute") is not null)
        .Select(Of)
        .OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal)
        .ToList();

    private static CmdletShape Of(Type type)
    {
        var cmdlet = Attribute(type, "CmdletAttribute")!;
        return new CmdletShape(
            type,
            (string)cmdlet.ConstructorArguments[0].Value!,
            (string)cmdlet.ConstructorArguments[1].Value!,
            Named(cmdlet, "SupportsShouldProcess") is true,
            Named(cmdlet, "DefaultParameterSetName") as string,
            type.GetCustomAttributesData().Where(data => data.AttributeType.Name == "OutputTypeAttribute").SelectMany(TypesOf).ToList(),
            type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(ParametersOf).ToList());
    }

    private static IEnumerable<ParameterShape> ParametersOf(PropertyInfo property)
    {
        var data = property.GetCustomAttributesData();
        var aliases = data.Where(one => one.AttributeType.Name == "AliasAttribute").SelectMany(Strings).ToList();
        var hasWildcards = data.Any(one => one.AttributeType.Name == "SupportsWildcardsAttribute");
        var hasCompleter = data.Any(one => one.AttributeType.Name == "ArgumentCompleterAttribute");
        foreach (var parameter in data.Where(one => one.AttributeType.Name == "ParameterAttribute"))
        {
            yield return new ParameterShape(
                property.Name,
                property.PropertyType,
                Named(parameter, "ParameterSetName") as string ?? ParameterShape.AllSets,
                Named(parameter, "Mandatory") is true,
                Named(parameter, "Position") as int?,
                Named(parameter, "ValueFromPipeline") is true,
                Named(parameter, "ValueFromPipelineByPropertyName") is true,
                aliases,
                hasWildcards,
                hasCompleter);
        }
    }

    private static CustomAttributeData? Attribute(Type type, string name) => type.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType.Name == name);

    private static object? Named(CustomAttributeData data, string name) => data.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value;

    private static IEnumerable<Type> TypesOf(CustomAttributeData data) => Elements(data).Select(element => element.Value).OfType<Type>();

    private static IEnumerable<string> Strings(CustomAttributeData data) => Elements(data).Select(element => element.Value).OfType<string>();

    private static IEnumerable<CustomAttributeTypedArgument> Elements(CustomAttributeData data) =>
        data.ConstructorArguments.SelectMany(argument => argument.Value is IEnumerable<CustomAttributeTypedArgument> many ? many : [argument]);
}
