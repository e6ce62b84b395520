namespace StatefulDeploy.Cli.Output;

/// <summary>What <c>--json</c> prints instead of a result.</summary>
internal sealed record CliFailure(CliError Error);
