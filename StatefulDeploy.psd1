@{
    RootModule             = 'module/bin/StatefulDeploy.Cmdlets.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = 'c7a1d2f4-51a8-4a3e-9d70-5f0f6a1f7e4b'
    Author                 = 'The StatefulDeploy authors'
    CompanyName            = 'The StatefulDeploy authors'
    Copyright              = '(c) 2026 The StatefulDeploy authors'
    Description            = 'Upgrades live stateful services (databases, caches, brokers) from one version to the next without losing an acknowledged write: a green cluster is filled by replication, verified, and takes over inside a write window of milliseconds that ends by itself whoever dies.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('module/StatefulDeploy.Format.ps1xml')
    TypesToProcess         = @('module/StatefulDeploy.Types.ps1xml')
    FunctionsToExport      = @()
    VariablesToExport      = @()
    AliasesToExport        = @()
    DscResourcesToExport   = @()
    CmdletsToExport        = @(
        'Compare-ClusterData'
        'Connect-StatefulAzure'
        'Export-UpgradeReport'
        'Get-AzureClusterCapacity'
        'Get-ClusterSnapshot'
        'Get-ClusterVolume'
        'Get-Replication'
        'Get-StatefulCluster'
        'Get-StatefulUpgrade'
        'Get-UpgradePlan'
        'Invoke-SnapshotRetention'
        'Invoke-StatefulUpgrade'
        'Move-ClusterVolume'
        'New-ClusterSnapshot'
        'New-GreenCluster'
        'Remove-BlueCluster'
        'Remove-ClusterSnapshot'
        'Restore-ClusterSnapshot'
        'Resume-StatefulUpgrade'
        'Set-ClusterReadOnly'
        'Set-ClusterReadWrite'
        'Start-Replication'
        'Stop-Replication'
        'Stop-StatefulUpgrade'
        'Switch-Traffic'
        'Test-GreenCluster'
        'Undo-StatefulUpgrade'
        'Undo-TrafficSwitch'
        'Wait-Replication'
    )
    PrivateData            = @{
        PSData = @{
            Tags         = @('PSEdition_Core', 'Linux', 'Upgrade', 'BlueGreen', 'ZeroDowntime', 'Database', 'Redis', 'Valkey', 'Garnet', 'Replication', 'Failover', 'Migration', 'HighAvailability')
            LicenseUri   = 'https://example.invalid/statefuldeploy/LICENSE'
            ProjectUri   = 'https://example.invalid/statefuldeploy'
            ReleaseNotes = '0.1.0: upgrades of Redis, Valkey and Garnet by mirror, through the embedded gateway. See CHANGELOG.md.'
        }
    }
}
