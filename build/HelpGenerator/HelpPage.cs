namespace StatefulDeploy.Help;

/// <summary>The help of one cmdlet as its Markdown file says it. Names, types and positions of parameters come from the compiled cmdlet.</summary>
internal sealed record HelpPage(
    string Name,
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters,
    IReadOnlyList<HelpExample> Examples,
    IReadOnlyList<HelpSection> Inputs,
    IReadOnlyList<HelpSection> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Links);
