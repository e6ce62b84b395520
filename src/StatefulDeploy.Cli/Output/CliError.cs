namespace StatefulDeploy.Cli.Output;

/// <summary>A failure, as scripts read it.</summary>
internal sealed record CliError(string Id, string Category, string Message, string RecommendedAction, int ExitCode);
