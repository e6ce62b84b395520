BeforeAll {
    . "$PSScriptRoot/support/Services.ps1"
    Use-RealOperation
    $missing = Get-MissingServer redis '7.0', '8.0'
    if (-not $missing) {
        $service = Start-ShardedService a, b (Join-Path $TestDrive sharded)
        $writers = $service.Shards.ForEach({ Start-Writer $_ })
        Push-Location $service.Folder
    }
}

AfterAll {
    if ($missing) { return }
    Pop-Location
    $writers.ForEach({ $_.Stop() })
    Stop-TestService $service
}

Describe 'A Redis of two shards' {
    BeforeEach {
        if ($missing) { Set-ItResult -Skipped -Because $missing }
    }

    It 'has a plan with the gap of each shard and the capacity of one' {
        $plan = Get-UpgradePlan ./sharded.yaml
        $plan.Strategy | Should -Be 'ShardByShard'
        $plan.Shards.Shard | Should -Be 'a', 'b'
        $plan.ExtraNodes | Should -Be 1
        $plan.Shards | ForEach-Object { $_.Gaps | Should -Be 1 }
    }

    It 'is not upgraded as a whole' {
        { Invoke-StatefulUpgrade ./sharded.yaml -Strategy Mirror -Force } | Should -Throw -ErrorId 'ShardsOneByOne*'
    }

    It 'is left alone by -WhatIf' {
        Get-StatefulCluster ./sharded.yaml | Invoke-StatefulUpgrade -Strategy ShardByShard -WhatIf 6> $null
        Get-StatefulUpgrade ./sharded.yaml | Should -BeNullOrEmpty
        (Get-StatefulCluster './sharded.yaml#a').State | Should -Be 'Serving'
    }

    It 'is upgraded by one pipeline, shard by shard, under writers' {
        $end = Get-StatefulCluster ./sharded.yaml | Invoke-StatefulUpgrade -Strategy ShardByShard -Force
        $end.State | Should -Be 'Retired'
        $upgrade = Get-StatefulUpgrade ./sharded.yaml
        $upgrade.Status | Should -Be 'Completed'
        $upgrade.Shards.Shard | Should -Be 'a', 'b'
        $upgrade.Shards | ForEach-Object { "$($_.State)/$($_.Live)" } | Should -Be 'Retired/Green', 'Retired/Green'
        (Get-StatefulCluster './sharded.yaml#b').Live | Should -Be 'Green'
    }

    It 'and no acknowledged write of any shard is lost, and no connection is dropped' {
        foreach ($writer in $writers) {
            $before = $writer.Acknowledged
            $patience = [Diagnostics.Stopwatch]::StartNew()
            while ($writer.Acknowledged -le $before + 1 -and $patience.Elapsed.TotalSeconds -lt 30) { Start-Sleep -Milliseconds 20 }
            $writer.Stop()
            $writer.Acknowledged | Should -BeGreaterThan $before -Because 'green takes writes'
            $writer.CountLost() | Should -Be 0
            $writer.Errors | Should -BeNullOrEmpty
            $writer.Drops | Should -Be 0
        }
    }
}
