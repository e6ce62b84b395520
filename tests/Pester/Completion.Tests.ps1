BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
    $operations = Use-ScriptedOperation
    foreach ($id in 'orders-20260702T101500Z', 'orders-20260701T080000Z', 'carts-20260630T120000Z') {
        $upgrade = [StatefulDeploy.Contracts.UpgradeSummary]::new()
        $upgrade.UpgradeId = $id
        $upgrade.Service = $id -replace '-.*'
        $upgrade.Path = "/services/$($upgrade.Service).yaml"
        $operations.Upgrades.Add($upgrade)
    }

    Push-Location TestDrive:/
    $null = New-Item notes.txt
    $null = New-Item folder -ItemType Directory
    Copy-Item "$root/examples/orders.yaml" orders.yaml

    function Get-Completion {
        param([string] $Line)
        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText
    }
}

AfterAll {
    Pop-Location
    Use-RealOperation
}

Describe 'Tab' {
    It 'completes service files and folders, and no other files' {
        $found = Get-Completion 'Switch-Traffic ./'
        $found | Should -Contain './orders.yaml'
        $found | Should -Contain './folder'
        $found | Should -Not -Contain './notes.txt'
    }

    It 'completes the files of services that were upgraded before' {
        Get-Completion 'Get-StatefulCluster /serv' | Should -Be '/services/orders.yaml', '/services/carts.yaml'
    }

    It 'completes upgrade ids, newest first' {
        Get-Completion 'Resume-StatefulUpgrade -UpgradeId ord' | Should -Be 'orders-20260702T101500Z', 'orders-20260701T080000Z'
    }

    It 'completes names of services' {
        Get-Completion 'Get-StatefulUpgrade -Service ' | Should -Be 'orders', 'carts'
    }

    It 'completes engines' {
        Get-Completion 'Get-StatefulUpgrade -Engine re' | Should -Be 'redis'
    }

    It 'completes the versions that the service file has software for' {
        Get-Completion 'New-GreenCluster ./orders.yaml -Version ' | Should -Contain '8.0'
    }

    It 'completes versions further down the pipeline too' {
        Get-Completion 'Get-StatefulCluster ./orders.yaml | New-GreenCluster -Version 8' | Should -Be '8.0'
    }

    It 'neither fails nor hangs when journals cannot be read' {
        $operations.Failures['List'] = [InvalidOperationException]::new('no')
        Get-Completion 'Resume-StatefulUpgrade -UpgradeId ord' | Should -BeNullOrEmpty
        $null = $operations.Failures.Remove('List')
    }
}
