<#
.SYNOPSIS
An upgrade on Azure as a Pester test: managed disks go from machine to machine, each step is an assertion, and the test result is the record.
.EXAMPLE
$container = New-PesterContainer -Path ./AzureUpgrade.Tests.ps1 -Data @{ Path = './azure-volume-reuse.yaml' }
Invoke-Pester -Container $container -Output Detailed
#>
param(
    # The file that describes the service.
    [Parameter(Mandatory)] [string] $Path,

    # How long writers may have to wait at the switch, in milliseconds.
    [double] $MaxClosedMilliseconds = 2000
)

BeforeAll {
    $ErrorActionPreference = 'Stop'
    Import-Module "$PSScriptRoot/../StatefulDeploy.psd1"
    $upgrade = @{ Before = @(Get-ClusterVolume $Path) }

    # Each volume with the host that has it.
    function Get-Place {
        $places = @{}
        Get-ClusterVolume $Path | ForEach-Object { $places[$_.Volume] = $_.Host }
        $places
    }
}

Describe 'The upgrade of <Path>' -ForEach @{ Path = $Path; MaxClosedMilliseconds = $MaxClosedMilliseconds } {
    It 'finds every managed disk mounted where its node runs' {
        $upgrade.Before.Count | Should -BeGreaterThan 1
        $upgrade.Before.Provider | Sort-Object -Unique | Should -Be 'azure'
        $upgrade.Before.State | Sort-Object -Unique | Should -Be 'Mounted'
    }

    It 'has nothing against it, and a way back' {
        $plan = Get-UpgradePlan $Path -Strategy VolumeReuse
        $plan.Findings | Where-Object Severity -EQ Refuse | ForEach-Object Message | Should -BeNullOrEmpty
        $plan.WayBack.Exists | Should -BeTrue
    }

    It 'takes the disks of the replicas to the new machines, and leaves the writer its own' {
        $upgrade.Cluster = Get-StatefulCluster $Path | New-GreenCluster -Strategy VolumeReuse
        $places = Get-Place
        @($upgrade.Before | Where-Object { $places[$_.Volume] -eq $_.Host }).Count | Should -Be 1
    }

    It 'catches up and verifies green' {
        $report = $upgrade.Cluster | Start-Replication | Wait-Replication | Test-GreenCluster
        $report.Passed | Should -BeTrue
        $report.Comparison.Differences | Should -Be 0
        $upgrade.Cluster = $report.Cluster
    }

    It 'switches traffic within <MaxClosedMilliseconds> ms' {
        $upgrade.Cluster = $upgrade.Cluster | Switch-Traffic -Force
        $upgrade.Cluster.Live | Should -Be 'Green'
        $upgrade.Cluster.ClosedFor.TotalMilliseconds | Should -BeLessThan $MaxClosedMilliseconds
    }

    It 'takes the last disk too, and retires blue' {
        $upgrade.Cluster = $upgrade.Cluster | Remove-BlueCluster -Force -PassThru
        $upgrade.Cluster.State | Should -Be 'Retired'
        $places = Get-Place
        @($upgrade.Before | Where-Object { $places[$_.Volume] -eq $_.Host }).Count | Should -Be 0
    }
}
