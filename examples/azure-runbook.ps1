#Requires -Version 7.4
<#
.SYNOPSIS
Upgrades a service on Azure virtual machines by handing its managed disks to the new version's machines: for a hybrid worker of an automation
account, or the agent of a pipeline.
.DESCRIPTION
Runs on the machine of the writer, signed in as the service file says (a managed identity, or a certificate). Tells which disk is where, refuses
what preflight refuses, and upgrades. What passes at Azure (a resource that somebody else is at, an answer that did not come, an operation that
takes its time) is resumed; what does not is taken back with every disk on its old machine, unless traffic has moved already: then green serves,
and a person decides. Exit codes: 0 upgraded, 1 failed and taken back, 2 refused before anything was touched, 3 failed, and a person is needed.
.EXAMPLE
pwsh -NonInteractive -File ./azure-runbook.ps1 ./azure-volume-reuse.yaml -ReportFolder ./reports
#>
[CmdletBinding()]
param(
    # The file that describes the service.
    [Parameter(Mandatory, Position = 0)] [string] $Path,

    # How often an upgrade that something passing has ended is resumed.
    [ValidateRange(0, 10)] [int] $Retries = 2,

    # Where the report goes.
    [string] $ReportFolder = '.'
)
$ErrorActionPreference = 'Stop'
$InformationPreference = 'Continue'
Import-Module "$PSScriptRoot/../StatefulDeploy.psd1"

# Categories of failures that may be over the next time.
$passing = 'ResourceBusy', 'OperationTimeout', 'ConnectionError', 'ResourceUnavailable'

function Write-Failure {
    param($Failure)
    Write-Warning "$($Failure.FullyQualifiedErrorId): $Failure"
    Write-Warning "What to do: $($Failure.ErrorDetails.RecommendedAction)"
}

function Get-DiskPlace {
    Get-ClusterVolume $Path | ForEach-Object { "$($_.Volume): $($_.State) on $($_.Host)" }
}

function Invoke-Upgrade {
    param([int] $Left)
    try {
        return Invoke-StatefulUpgrade $Path -Strategy VolumeReuse -Force
    }
    catch {
        $failure = $_
    }

    while ("$($failure.CategoryInfo.Category)" -in $passing -and $Left-- -gt 0) {
        Write-Failure $failure
        Write-Information 'It is resumed.'
        try { return Resume-StatefulUpgrade $Path } catch { $failure = $_ }
    }

    throw $failure
}

try {
    Get-DiskPlace
    $plan = Get-UpgradePlan $Path -Strategy VolumeReuse
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
    $end = Invoke-Upgrade $Retries
    $code = 0
    "$($end.Service) runs $($end.TargetVersion); writes were closed for $([math]::Round($end.ClosedFor.TotalMilliseconds, 1)) ms."
}
catch {
    Write-Failure $_
    $code = 3
    if ((Get-StatefulCluster $Path).Live -eq 'Blue' -and (Get-StatefulUpgrade $Path | Select-Object -First 1).Status -in 'Running', 'Failed', 'Stopped') {
        $null = Undo-StatefulUpgrade $Path -Force
        'The upgrade was taken back; every disk is on its old machine, and blue serves as before.'
        $code = 1
    }
}

Get-DiskPlace
if (Get-StatefulUpgrade $Path) {
    $null = New-Item $ReportFolder -ItemType Directory -Force
    $name = Join-Path $ReportFolder $plan.Service
    $null = Export-UpgradeReport $Path -HtmlPath "$name.html" -JsonPath "$name.json"
    "The report is in $name.html and $name.json."
}

exit $code
