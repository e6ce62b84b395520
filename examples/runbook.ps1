#Requires -Version 7.4
<#
.SYNOPSIS
Upgrades a service without anybody at the console: for schedulers, pipelines and automation accounts.
.DESCRIPTION
Refuses what preflight refuses, upgrades, and leaves the report. When a step fails the upgrade is taken back, unless traffic has moved
already: then green serves, and a person decides. Exit codes: 0 upgraded, 1 failed and taken back, 2 refused before anything was touched,
3 failed, and a person is needed.
.EXAMPLE
pwsh -NonInteractive -File ./runbook.ps1 ./orders.yaml -Version 8.0 -ReportFolder ./reports
#>
[CmdletBinding()]
param(
    # The file that describes the service.
    [Parameter(Mandatory, Position = 0)] [string] $Path,

    # The version of green; what the service file says when it is left out.
    [string] $Version,

    # Where the report goes.
    [string] $ReportFolder = '.',

    # How long green must serve before blue is retired; what the service file says when it is left out.
    [string] $Soak
)
$ErrorActionPreference = 'Stop'
$InformationPreference = 'Continue'
Import-Module "$PSScriptRoot/../StatefulDeploy.psd1"

$wanted = @{}
if ($Version) { $wanted.Version = $Version }

function Write-Failure {
    param($Failure)
    Write-Warning "$($Failure.FullyQualifiedErrorId): $Failure"
    Write-Warning "What to do: $($Failure.ErrorDetails.RecommendedAction)"
}

try {
    $plan = Get-UpgradePlan $Path @wanted
}
catch {
    Write-Failure $_
    exit 2
}

if (-not $plan.Passed) {
    $plan.Findings | Where-Object Severity -EQ Refuse | ForEach-Object { Write-Warning "$($_.Code) ($($_.Subject)): $($_.Message) $($_.Remedy)" }
    exit 2
}

try {
    if ($Soak) { $wanted.Soak = $Soak }
    $end = Invoke-StatefulUpgrade $Path @wanted -Force
    $code = 0
    "$($end.Service) runs $($end.TargetVersion); writes were closed for $([math]::Round($end.ClosedFor.TotalMilliseconds, 1)) ms."
}
catch {
    Write-Failure $_
    $code = 3
    if ((Get-StatefulCluster $Path).Live -eq 'Blue' -and (Get-StatefulUpgrade $Path | Select-Object -First 1).Status -in 'Running', 'Failed', 'Stopped') {
        $null = Undo-StatefulUpgrade $Path -Force
        'The upgrade was taken back; blue serves as before.'
        $code = 1
    }
}

if (Get-StatefulUpgrade $Path) {
    $null = New-Item $ReportFolder -ItemType Directory -Force
    $name = Join-Path $ReportFolder $plan.Service
    $null = Export-UpgradeReport $Path -HtmlPath "$name.html" -JsonPath "$name.json"
    "The report is in $name.html and $name.json."
}

exit $code
