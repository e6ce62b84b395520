using System.Xml.Linq;

namespace StatefulDeploy.Help;

/// <summary>Makes the XML that Get-Help reads from the help pages and the compiled cmdlets.</summary>
internal static class MamlDocument
{
    private static readonly XNamespace Root = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly IReadOnlyDictionary<string, string> RiskParameters = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["WhatIf"] = "Shows what would be done, step by step, and does nothing.",
        ["Confirm"] = "Asks before anything is done; -Confirm:$false consents beforehand.",
    };

    /// <summary>The document of all cmdlets.</summary>
    public static XDocument Of(IReadOnlyList<CmdletShape> cmdlets, IReadOnlyDictionary<string, HelpPage> pages) => new(
        new XElement(Root + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            cmdlets.Select(cmdlet => CommandOf(cmdlet, pages[cmdlet.Name]))));

    private static XElement CommandOf(CmdletShape cmdlet, HelpPage page) => new(Command + "command",
        new XElement(Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun),
            new XElement(Maml + "description", Paragraph(page.Synopsis))),
        new XElement(Maml + "description", page.Description.Select(Paragraph)),
        new XElement(Command + "syntax", cmdlet.Sets.Select(set => SyntaxOf(cmdlet, page, set))),
        new XElement(Command + "parameters", ParametersOf(cmdlet, page)),
        new XElement(Command + "inputTypes", page.Inputs.Select(input => TypeOf("inputType", input))),
        new XElement(Command + "returnValues", page.Outputs.Select(output => TypeOf("returnValue", output))),
        new XElement(Maml + "alertSet", new XElement(Maml + "alert", page.Notes.Select(Paragraph))),
        new XElement(Command + "examples", page.Examples.Select(ExampleOf)),
        new XElement(Command + "relatedLinks", page.Links.Select(link => new XElement(Maml + "navigationLink", new XElement(Maml + "linkText", link), new XElement(Maml + "uri")))));

    private static XElement SyntaxOf(CmdletShape cmdlet, HelpPage page, string set) => new(Command + "syntaxItem",
        new XElement(Maml + "name", cmdlet.Name),
        cmdlet.ParametersOf(set).Select(parameter => ParameterOf(parameter, page)),
        cmdlet.SupportsShouldProcess ? RiskParameters.Select(RiskParameterOf) : null);

    private static IEnumerable<XElement> ParametersOf(CmdletShape cmdlet, HelpPage page) => cmdlet.Parameters
        .GroupBy(parameter => parameter.Name, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => ParameterOf(group.First(), page))
        .Concat(cmdlet.SupportsShouldProcess ? RiskParameters.Select(RiskParameterOf) : []);

    private static XElement ParameterOf(ParameterShape parameter, HelpPage page) => new(Command + "parameter",
        new XAttribute("required", Word(parameter.IsMandatory)),
        new XAttribute("variableLength", Word(parameter.Type.IsArray)),
        new XAttribute("globbing", Word(parameter.HasWildcards)),
        new XAttribute("pipelineInput", parameter.PipelineInput),
        new XAttribute("position", parameter.Position?.ToString() ?? "named"),
        new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
        new XElement(Maml + "name", parameter.Name),
        new XElement(Maml + "description", page.Parameters[parameter.Name].Select(Paragraph)),
        parameter.IsSwitch ? null : new XElement(Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", Word(parameter.Type.IsArray)), parameter.ValueType.Name),
        parameter.ValueType.IsEnum ? new XElement(Command + "parameterValueGroup", Enum.GetNames(parameter.ValueType).Select(EnumValueOf)) : null,
        new XElement(Dev + "type", new XElement(Maml + "name", parameter.IsSwitch ? "SwitchParameter" : parameter.ValueType.Name), new XElement(Maml + "uri")),
        new XElement(Dev + "defaultValue", parameter.IsSwitch ? "False" : "None"));

    private static XElement EnumValueOf(string name) => new(Command + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), name);

    private static XElement RiskParameterOf(KeyValuePair<string, string> risk) => new(Command + "parameter",
        new XAttribute("required", "false"),
        new XAttribute("variableLength", "false"),
        new XAttribute("globbing", "false"),
        new XAttribute("pipelineInput", "false"),
        new XAttribute("position", "named"),
        new XAttribute("aliases", risk.Key == "WhatIf" ? "wi" : "cf"),
        new XElement(Maml + "name", risk.Key),
        new XElement(Maml + "description", Paragraph(risk.Value)),
        new XElement(Dev + "type", new XElement(Maml + "name", "SwitchParameter"), new XElement(Maml + "uri")),
        new XElement(Dev + "defaultValue", "False"));

    private static XElement TypeOf(string element, HelpSection section) => new(Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", section.Title)),
        new XElement(Maml + "description", section.Paragraphs.Select(Paragraph)));

    private static XElement ExampleOf(HelpExample example, int index) => new(Command + "example",
        new XElement(Maml + "title", $"Example {index + 1}: {example.Title}"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", example.Remarks.Select(Paragraph)));

    private static XElement Paragraph(string text) => new(Maml + "para", text);

    private static string Word(bool value) => value ? "true" : "false";
}
