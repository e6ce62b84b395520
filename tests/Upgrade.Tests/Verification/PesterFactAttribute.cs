using System.Diagnostics;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Upgrade.Tests.Verification;

/// <summary>A test that runs a real Pester 5 in a real pwsh, found as the product finds it; skipped with the reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PesterFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(WhyMissing);

    public PesterFactAttribute() => Skip = Missing.Value;

    private static string? WhyMissing()
    {
        if (PesterCommand.LookForPwsh() is not { } pwsh)
            return "no pwsh was found (STATEFULDEPLOY_PWSH, then PATH)";

        using var process = Process.Start(new ProcessStartInfo(pwsh, ["-NoProfile", "-NonInteractive", "-Command", "exit [int](-not (Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -ge 5 }))"]) { UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"no Pester 5 in the PSModulePath of {pwsh}";
    }
}
