# Runs the Pester tests for tests/run.sh and leaves "passed failed skipped" in the file it is told, and the failures beside it.
param(
    [Parameter(Mandatory)] [string] $Result,
    [string] $Only
)
$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.0

$configuration = New-PesterConfiguration
$configuration.Run.Path = Join-Path $PSScriptRoot 'Pester'
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
if ($Only) { $configuration.Filter.FullName = "*$Only*" }

$run = Invoke-Pester -Configuration $configuration
foreach ($test in $run.Skipped) {
    $reason = if ($test.ErrorRecord) { ($test.ErrorRecord | Select-Object -First 1).ToString() } else { 'skipped by the test' }
    "  skipped: $($test.ExpandedPath): $reason"
}
# A file that cannot be read, or a block whose set-up failed, is a failure of its own.
$failed = $run.FailedCount + $run.FailedContainersCount + $run.FailedBlocksCount
$run.Failed | ForEach-Object { "$($_.ExpandedPath): $(@($_.ErrorRecord)[0])" -replace '\s+', ' ' } | Set-Content -LiteralPath "$Result.failures"
"$($run.PassedCount) $failed $($run.SkippedCount)" | Set-Content -LiteralPath $Result
exit 0
