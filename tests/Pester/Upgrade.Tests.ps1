BeforeDiscovery {
    $pairs = @(
        @{ Engine = 'redis'; From = '7.0'; To = '8.0' }
        @{ Engine = 'garnet'; From = '2.2.2'; To = '2.2.8' }
    )
}

BeforeAll {
    . "$PSScriptRoot/support/Services.ps1"
    Use-RealOperation

    function Invoke-InNewSession {
        param([string] $Script)
        $pwsh = (Get-Process -Id $PID).Path
        & $pwsh -NoLogo -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; `$WarningPreference = 'SilentlyContinue'; Import-Module '$root/StatefulDeploy.psd1'; $Script" 2>&1
    }
}

Describe 'The pipeline upgrades a real <Engine> <From> to <To>' -ForEach $pairs {
    BeforeAll {
        $missing = Get-MissingServer $Engine $From, $To
        if (-not $missing) {
            $service = Start-TestService $Engine $From $To (Join-Path $TestDrive $Engine)
            $writer = Start-Writer $service
        }
    }

    BeforeEach {
        if ($missing) { Set-ItResult -Skipped -Because $missing }
    }

    AfterAll {
        if ($writer) { $writer.Stop() }
        Stop-TestService $service
    }

    It 'from the file to the retirement of blue, under a writer' {
        $end = Get-StatefulCluster $service.File | New-GreenCluster -Version $To | Start-Replication | Wait-Replication | Test-GreenCluster |
            Set-ClusterReadOnly -Confirm:$false | Switch-Traffic | Remove-BlueCluster -Force -PassThru
        $end.State | Should -Be 'Retired'
        $end.Live | Should -Be 'Green'
        $end.ClosedFor.TotalMilliseconds | Should -BeGreaterThan 0
    }

    It 'and no acknowledged write is lost, no answer is an error, no connection is dropped' {
        $before = $writer.Acknowledged
        Start-Sleep -Milliseconds 500
        $writer.Stop()
        $writer.Acknowledged | Should -BeGreaterThan $before -Because 'green takes writes'
        $writer.CountLost() | Should -Be 0
        $writer.Errors | Should -BeNullOrEmpty
        $writer.Drops | Should -Be 0
    }

    It 'and the journal and the report tell of it' {
        $upgrade = Get-StatefulUpgrade $service.File
        $upgrade.Status | Should -Be 'Completed'
        $upgrade.TargetVersion | Should -Be $To
        $exported = $upgrade | Export-UpgradeReport -HtmlPath "$($service.Folder)/report.html" -JsonPath "$($service.Folder)/report.json"
        $exported.UpgradeId | Should -Be $upgrade.UpgradeId
        Get-Content "$($service.Folder)/report.html" -Raw | Should -Match '<svg'
        Get-Content "$($service.Folder)/report.json" -Raw | ConvertFrom-Json | Should -Not -BeNullOrEmpty
    }
}

Describe 'A real Redis 7.0' {
    BeforeAll {
        $missing = Get-MissingServer redis '7.0', '8.0'
        if (-not $missing) {
            $service = Start-TestService redis '7.0' '8.0' (Join-Path $TestDrive steps)
            $writer = Start-Writer $service
        }

        # Whether the writer's writes are acknowledged within a time.
        function Test-Writing {
            param([double] $Seconds = 10)
            $before = $writer.Acknowledged
            $patience = [Diagnostics.Stopwatch]::StartNew()
            while ($writer.Acknowledged -le $before + 1 -and $patience.Elapsed.TotalSeconds -lt $Seconds) { Start-Sleep -Milliseconds 20 }
            $writer.Acknowledged -gt $before + 1
        }
    }

    BeforeEach {
        if ($missing) { Set-ItResult -Skipped -Because $missing }
    }

    AfterAll {
        if ($writer) { $writer.Stop() }
        Stop-TestService $service
    }

    It 'is asked without being touched' {
        $cluster = Get-StatefulCluster $service.File
        $cluster.State, $cluster.Live | Should -Be 'Serving', 'Blue'
        $cluster.Nodes[0].Reachable, $cluster.Nodes[0].Writable | Should -Be $true, $true
        $plan = Get-UpgradePlan $service.File
        $plan.Passed | Should -BeTrue
        $plan.Steps.Name | Should -Contain 'Fence'
        $planned = Invoke-InNewSession "New-GreenCluster '$($service.File)' -WhatIf; Invoke-StatefulUpgrade '$($service.File)' -WhatIf -Force"
        @($planned -like 'What if: Step *').Count | Should -Be 22
        Test-Path "$($service.Folder)/state/upgrades" | Should -BeFalse
    }

    It 'refuses to be switched before green was filled, with WrongState' {
        $failure = Get-Failure { Switch-Traffic $service.File -Force }
        $failure.FullyQualifiedErrorId | Should -Match '^WrongState,'
        $failure.CategoryInfo.Category | Should -Be 'InvalidOperation'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Start-Replication'
    }

    It 'is read-only for maintenance until it is opened' {
        $closed = Set-ClusterReadOnly $service.File -WindowDeadline 20s -Force
        $closed.State | Should -Be 'ReadOnly'
        $closed.ReadOnlyUntil | Should -BeGreaterThan ([datetimeoffset]::Now)
        Test-Writing 1 | Should -BeFalse
        $closed | Set-ClusterReadWrite | ForEach-Object State | Should -Be 'Serving'
        Test-Writing | Should -BeTrue
    }

    It 'opens by itself at the deadline when nobody does' {
        $null = Set-ClusterReadOnly $service.File -WindowDeadline 3s -Force
        Test-Writing 1 | Should -BeFalse
        Test-Writing 20 | Should -BeTrue
        $null = Set-ClusterReadWrite $service.File
    }

    It 'is upgraded by sessions that know only its file' {
        Invoke-InNewSession "(New-GreenCluster '$($service.File)').State" | Should -Be 'Provisioned'
        Invoke-InNewSession "(Start-Replication '$($service.File)' | Wait-Replication).State" | Should -Be 'CaughtUp'
        (Get-Replication $service.File).State | Should -Be 'Streaming'
        (Get-StatefulUpgrade $service.File | Select-Object -First 1).TargetVersion | Should -Be '8.0'
    }

    It 'is refused to a second session while one works on it' {
        $null = Test-GreenCluster $service.File
        $refusal = Invoke-InNewSession "try { Switch-Traffic '$($service.File)' -Force } catch { `$_.FullyQualifiedErrorId; `$_.CategoryInfo.Category }"
        $refusal | Should -Contain 'ResourceBusy'
    }

    It 'holds the same data on both sides' {
        $result = Compare-ClusterData $service.File
        $result.Passed | Should -BeTrue
        $result.ItemsCompared | Should -BeGreaterThan 100
    }

    It 'is switched and switched back, and loses nothing' {
        $switched = Switch-Traffic $service.File -Force
        $switched.State, $switched.Live | Should -Be 'Switched', 'Green'
        Test-Writing | Should -BeTrue
        $back = $switched | Undo-TrafficSwitch -Force
        $back.State, $back.Live | Should -Be 'SwitchedBack', 'Blue'
        Test-Writing | Should -BeTrue
    }

    It 'is taken back as a whole, and serves as before' {
        $undone = Undo-StatefulUpgrade $service.File -Force
        $undone.State, $undone.Live | Should -Be 'Serving', 'Blue'
        (Get-StatefulUpgrade $service.File | Select-Object -First 1).Status | Should -Be 'Undone'
        Test-Writing | Should -BeTrue
    }

    It 'is upgraded by one cmdlet' {
        $end = Get-UpgradePlan $service.File | Invoke-StatefulUpgrade -Soak 0 -Force
        $end.State | Should -Be 'Retired'
        Test-Writing | Should -BeTrue
    }

    It 'and in all this lost no acknowledged write' {
        $writer.Stop()
        $writer.CountLost() | Should -Be 0
        $writer.Drops | Should -Be 0
    }
}

Describe 'A service file' {
    It 'that is wrong is an error with file, line and key' {
        $file = Join-Path $TestDrive wrong.yaml
        Set-Content $file 'name: orders', 'engine: reddis', 'version: "7.0"', 'nodes: [ { name: a, endpoint: "127.0.0.1:1" } ]', 'router: { kind: gateway, listen: "127.0.0.1:2" }'
        $failure = Get-Failure { Get-StatefulCluster $file }
        $failure.FullyQualifiedErrorId | Should -Match '^UnknownEngine,'
        "$failure" | Should -Match "wrong\.yaml:2: engine: There is no engine 'reddis'"
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'redis'
    }

    It 'that is missing is an error with its path' {
        $failure = Get-Failure { Get-StatefulCluster (Join-Path $TestDrive nowhere.yaml) }
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        "$failure" | Should -Match 'nowhere\.yaml'
    }

    It 'whose nodes cannot be reached is still shown, and refused by the plan' {
        if ($missing = Get-MissingServer redis '8.0') { Set-ItResult -Skipped -Because $missing; return }
        $file = Join-Path $TestDrive dead.yaml
        Set-Content $file 'name: dead', 'engine: redis', 'version: "7.0"', "nodes: [ { name: a, endpoint: `"127.0.0.1:$(Get-FreePort)`" } ]", "router: { kind: gateway, listen: `"127.0.0.1:$(Get-FreePort)`" }", "software: { `"8.0`": { server: $(Find-Server 'redis 8.0') } }", 'green: { dataRoot: ./green }', 'state: ./state', 'guard: ./guard'
        (Get-StatefulCluster $file).Nodes[0].Reachable | Should -BeFalse
        $failure = Get-Failure { New-GreenCluster $file -Version 8.0 }
        $failure.CategoryInfo.Category | Should -BeIn 'InvalidOperation', 'ConnectionError'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}
