<#
.SYNOPSIS
An upgrade as a Pester test: each step is an assertion, and the test result is the record.
.EXAMPLE
$container = New-PesterContainer -Path ./Upgrade.Tests.ps1 -Data @{ Path = './orders.yaml'; Version = '8.0' }
Invoke-Pester -Container $container -Output Detailed
#>
param(
    # The file that describes the service.
    [Parameter(Mandatory)] [string] $Path,

    # The version of green.
    [Parameter(Mandatory)] [string] $Version,

    # How long writers may have to wait at the switch, in milliseconds.
    [double] $MaxClosedMilliseconds = 2000
)

BeforeAll {
    $ErrorActionPreference = 'Stop'
    Import-Module "$PSScriptRoot/../StatefulDeploy.psd1"
    $upgrade = @{ Cluster = Get-StatefulCluster $Path }
}

Describe 'The upgrade to <Version>' -ForEach @{ Version = $Version; Path = $Path; MaxClosedMilliseconds = $MaxClosedMilliseconds } {
    It 'has nothing against it' {
        $plan = Get-UpgradePlan $Path -Version $Version
        $plan.Findings | Where-Object Severity -EQ Refuse | ForEach-Object Message | Should -BeNullOrEmpty
        $plan.WayBack.Exists | Should -BeTrue -Because 'a switch that cannot be taken back needs somebody who says so'
    }

    It 'brings up green behind its fence' {
        $upgrade.Cluster = $upgrade.Cluster | New-GreenCluster -Version $Version
        $upgrade.Cluster.State | Should -Be 'Provisioned'
        $upgrade.Cluster.Nodes | Where-Object Version -Like "$Version*" | ForEach-Object Writable | Should -Not -Contain $true
    }

    It 'fills green within the lag gate' {
        $upgrade.Cluster = $upgrade.Cluster | Start-Replication | Wait-Replication -CatchUpDeadline 30m
        $upgrade.Cluster.State | Should -Be 'CaughtUp'
    }

    It 'verifies green' {
        $report = $upgrade.Cluster | Test-GreenCluster
        $report.Passed | Should -BeTrue
        $report.Comparison.Differences | Should -Be 0
        $upgrade.Cluster = $report.Cluster
    }

    It 'switches traffic within <MaxClosedMilliseconds> ms' {
        $upgrade.Cluster = $upgrade.Cluster | Switch-Traffic -Force
        $upgrade.Cluster.Live | Should -Be 'Green'
        $upgrade.Cluster.ClosedFor.TotalMilliseconds | Should -BeLessThan $MaxClosedMilliseconds
    }

    It 'keeps the way back open: blue follows green' {
        do {
            Start-Sleep -Milliseconds 200
            $replication = $upgrade.Cluster | Get-Replication
        } while ($replication.State -eq 'Copying')
        $replication.Source | Should -Be 'Green'
        $replication.State | Should -Be 'Streaming'
    }

    It 'retires blue' {
        $upgrade.Cluster = $upgrade.Cluster | Remove-BlueCluster -Force -PassThru
        $upgrade.Cluster.State | Should -Be 'Retired'
    }
}
