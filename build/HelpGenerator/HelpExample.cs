namespace StatefulDeploy.Help;

/// <summary>An example: what it shows, the commands, and what to know about it.</summary>
internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);
