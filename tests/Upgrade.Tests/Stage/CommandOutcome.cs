using System.Text.RegularExpressions;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>How a command of the real command line ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it said, on both streams.</param>
internal sealed partial record CommandOutcome(int ExitCode, string Output)
{
    /// <summary>The stable id of its error; empty when it succeeded.</summary>
    public string ErrorId => IdLine().Match(Output) is { Success: true } match ? match.Groups["id"].Value : string.Empty;

    /// <summary>Fails with what it said unless it succeeded.</summary>
    public CommandOutcome Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}:\n{Output}");
        return this;
    }

    [GeneratedRegex(@"^\s*id: (?<id>\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IdLine();
}
