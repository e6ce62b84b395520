#Requires -Version 7.4
<#
.SYNOPSIS
Walks through an upgrade step by step, and shows each result before the next.
.DESCRIPTION
Stop at any step with Ctrl+C: what that step began is taken back. Run the script again to go on where it was.
.EXAMPLE
./interactive.ps1 ./orders.yaml -Version 8.0
.EXAMPLE
pwsh -NonInteractive -File ./interactive.ps1 ./orders.yaml -Version 8.0 -Unattended
#>
[CmdletBinding()]
param(
    # The file that describes the service.
    [Parameter(Mandatory, Position = 0)] [string] $Path,

    # The version of green; what the service file says when it is left out.
    [string] $Version,

    # Neither waits nor asks.
    [switch] $Unattended
)
$ErrorActionPreference = 'Stop'
$InformationPreference = 'Continue'
Import-Module "$PSScriptRoot/../StatefulDeploy.psd1"

function Show-Step {
    param([string] $Text)
    Write-Information "`n== $Text" -InformationAction Continue
    if (-not $Unattended) { $null = Read-Host 'Press Enter to go on, Ctrl+C to stop' }
}

$target = if ($Version) { @{ Version = $Version } } else { @{} }

Write-Information '== The service as it is now' -InformationAction Continue
$cluster = Get-StatefulCluster $Path
$cluster | Format-Table
$cluster.Nodes | Format-Table

if ($cluster.State -eq 'Serving') {
    Write-Information '== The plan: every step, what it changes, and what stands against it' -InformationAction Continue
    $plan = $cluster | Get-UpgradePlan @target
    $plan | Out-Host
    if (-not $plan.Passed) { throw 'Preflight refuses the upgrade; the findings above say what to do.' }

    Show-Step 'Bring up green: clients notice nothing'
    $cluster = $cluster | New-GreenCluster @target
    $cluster | Format-List
}

if ($cluster.State -eq 'Provisioned') {
    Show-Step 'Copy the data and follow the changes'
    $cluster = $cluster | Start-Replication
}

if ($cluster.State -in 'Replicating', 'CaughtUp') {
    $cluster | Get-Replication | Format-Table
    $cluster = $cluster | Wait-Replication

    Show-Step 'Verify green: your suites, and a comparison of all data'
    $report = $cluster | Test-GreenCluster
    $report | Format-List
    $cluster = $report.Cluster
}

if ($cluster.State -in 'Verified', 'SwitchedBack') {
    Show-Step 'Switch traffic: writes wait for a moment, reads go on'
    $cluster = $cluster | Switch-Traffic -Force:$Unattended
    $cluster | Format-Table
    Write-Information 'Until blue is retired, Undo-TrafficSwitch goes back without loss.' -InformationAction Continue
}

if ($cluster.State -eq 'Switched') {
    Show-Step 'Wait out the soak, and retire blue'
    $cluster = $cluster | Remove-BlueCluster -Force:$Unattended -PassThru
    $cluster | Format-Table
}

Write-Information '== The report' -InformationAction Continue
$cluster | Export-UpgradeReport -HtmlPath (Join-Path (Split-Path (Resolve-Path $Path)) "$($cluster.Service)-upgrade.html") | Format-List
