namespace StatefulDeploy.Help;

/// <summary>A heading and its paragraphs.</summary>
internal sealed record HelpSection(string Title, IReadOnlyList<string> Paragraphs, IReadOnlyList<string> Code);
