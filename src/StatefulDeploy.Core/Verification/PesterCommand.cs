using StatefulDeploy.Contracts;

namespace StatefulDeploy.Verification;

/// <summary>How a Pester file is run: in a pwsh of its own, so that nothing of ours is loaded there.</summary>
internal static class PesterCommand
{
    private const string FileVariable = "STATEFULDEPLOY_PESTER_FILE";

    // Paths come by the environment, so that nothing has to be quoted.
    private const string Script = $$"""
        $ErrorActionPreference = 'Stop'
        Import-Module Pester -MinimumVersion 5.0
        $configuration = New-PesterConfiguration
        $configuration.Run.Path = $env:{{FileVariable}}
        $configuration.Run.Exit = $true
        $configuration.TestResult.Enabled = $true
        $configuration.TestResult.OutputFormat = 'NUnitXml'
        $configuration.TestResult.OutputPath = $env:STATEFULDEPLOY_RESULTS
        $configuration.Output.Verbosity = 'Normal'
        $configuration.Output.RenderMode = 'Plaintext'
        Invoke-Pester -Configuration $configuration
        """;

    /// <summary>The command for a file.</summary>
    /// <exception cref="UpgradeException">There is no pwsh.</exception>
    internal static HostCommand For(string file) => new(FindPwsh(), "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", Script)
    {
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { [FileVariable] = file },
    };

    /// <summary>The pwsh of STATEFULDEPLOY_PWSH, the one that runs us, or the first on the PATH; null when there is none.</summary>
    internal static string? LookForPwsh()
    {
        if (Environment.GetEnvironmentVariable("STATEFULDEPLOY_PWSH") is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "pwsh")
            return Environment.ProcessPath;
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "pwsh"))
            .FirstOrDefault(File.Exists);
    }

    private static string FindPwsh() => LookForPwsh() ?? throw new UpgradeException(
        "PwshMissing",
        "A Pester suite needs pwsh, and none was found.",
        "Install PowerShell 7.4 or later with Pester 5, and put pwsh on the PATH or name it in STATEFULDEPLOY_PWSH.",
        FailureCategory.NotFound);
}
