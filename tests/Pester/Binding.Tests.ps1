BeforeDiscovery {
    $changes = 'New-GreenCluster', 'Start-Replication', 'Stop-Replication', 'Test-GreenCluster', 'Set-ClusterReadOnly', 'Set-ClusterReadWrite', 'Switch-Traffic',
        'Undo-TrafficSwitch', 'Remove-BlueCluster', 'Invoke-StatefulUpgrade', 'Resume-StatefulUpgrade', 'Undo-StatefulUpgrade', 'Stop-StatefulUpgrade', 'Export-UpgradeReport'
    $reads = 'Get-UpgradePlan', 'Get-Replication', 'Wait-Replication', 'Compare-ClusterData'
}

BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
    $operations = Use-ScriptedOperation
    Push-Location TestDrive:/
    $folder = (Get-Item TestDrive:/).FullName
    $null = New-Item orders.yaml
}

AfterAll {
    Pop-Location
    Use-RealOperation
}

Describe '<_> finds its service' -ForEach ($changes + $reads) {
    BeforeAll {
        $name = $_
        $quiet = if ((Get-Command $name).Parameters.ContainsKey('Confirm')) { @{ Confirm = $false } } else { @{} }
    }

    It 'by its file, from the current location' {
        $null = & $name ./orders.yaml @quiet
        (Get-Request $operations).Path | Should -Be (Join-Path $folder orders.yaml)
    }

    It 'by its file from the pipeline' {
        $null = './orders.yaml' | & $name @quiet
        (Get-Request $operations).Path | Should -Be (Join-Path $folder orders.yaml)
        $null = Get-Item orders.yaml | & $name @quiet
        (Get-Request $operations).Path | Should -Be (Join-Path $folder orders.yaml)
    }

    It 'by an upgrade id alone' {
        $null = & $name -UpgradeId u7 @quiet
        (Get-Request $operations).UpgradeId | Should -Be 'u7'
        (Get-Request $operations).Path | Should -BeNullOrEmpty
    }

    It 'by a cluster from the pipeline, with upgrade and version' {
        $null = Get-StatefulCluster ./orders.yaml | New-GreenCluster -Version 8.0 | & $name @quiet
        (Get-Request $operations).Path | Should -Be (Join-Path $folder orders.yaml)
        (Get-Request $operations).UpgradeId | Should -Be 'u1'
        (Get-Request $operations).TargetVersion | Should -Be '8.0'
    }

    It 'by a summary from the pipeline, with its very upgrade' {
        $null = Stop-StatefulUpgrade ./orders.yaml -UpgradeId u9 -PassThru | & $name @quiet
        (Get-Request $operations).Path | Should -Be (Join-Path $folder orders.yaml)
        (Get-Request $operations).UpgradeId | Should -Be 'u9'
    }

    It 'by the Cluster property of a report' {
        $null = Test-GreenCluster ./orders.yaml | & $name @quiet
        (Get-Request $operations).UpgradeId | Should -Be 'u1'
    }

    It 'or says that none was given' {
        (Get-Failure { & $name @quiet }).FullyQualifiedErrorId | Should -Match '^ServiceMissing,'
    }

    It 'and refuses a path that is not in the file system' {
        (Get-Failure { & $name env:HOME @quiet }).FullyQualifiedErrorId | Should -Match '^PathNotInFileSystem,'
    }
}

Describe '<_> works on one service' -ForEach $changes {
    BeforeAll { $name = $_ }

    It 'and refuses two before it touches either' {
        $before = $operations.Calls.Count
        $failure = Get-Failure { Get-StatefulCluster ./orders.yaml, ./carts.yaml | & $name -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -Match '^MixedServices,'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $failure.TargetObject.Service | Should -Be 'carts'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'ForEach-Object'
        $operations.Calls.ToArray() | Select-Object -Skip $before | Should -Be 'Get', 'Get'
    }

    It 'and refuses the same twice' {
        (Get-Failure { Get-StatefulCluster ./orders.yaml, ./orders.yaml | & $name -Confirm:$false }).FullyQualifiedErrorId | Should -Match '^ClusterRepeated,'
    }

    It 'and does nothing when the pipeline brings nothing' {
        $before = $operations.Calls.Count
        @() | & $name -Confirm:$false
        $operations.Calls.Count | Should -Be $before
    }
}

Describe 'The pipeline' {
    It 'goes from file to retirement, and each cmdlet calls its stretch' {
        $operations = Use-ScriptedOperation
        $end = Get-StatefulCluster ./orders.yaml | New-GreenCluster -Version 8.0 | Start-Replication | Wait-Replication | Test-GreenCluster |
            Set-ClusterReadOnly -Confirm:$false | Switch-Traffic | Remove-BlueCluster -Confirm:$false -PassThru
        $end.State | Should -Be 'Retired'
        $operations.Calls.ToArray() | Should -Be 'Get', 'NewGreen', 'StartReplication', 'WaitReplication', 'Test', 'CloseWrites', 'Switch', 'Retire'
    }

    It 'carries consents on, but the consent to a switch not to another one' {
        $operations = Use-ScriptedOperation
        $switched = Get-StatefulCluster ./orders.yaml | New-GreenCluster -Version 8.0 -AllowOneWay | Test-GreenCluster -SkipVerification why | Set-ClusterReadOnly -Confirm:$false | Switch-Traffic
        $consent = (Get-Request $operations).Consent
        $consent.Switch, $consent.AllowOneWay, $consent.SkipVerificationReason | Should -Be $true, $true, 'why'
        $switched.Consent.Switch | Should -BeFalse
        $switched.Consent.AllowOneWay | Should -BeTrue
    }

    It 'stops at a gate that failed, before writes are closed' {
        $operations = Use-ScriptedOperation
        $operations.Passes = $false
        $failure = Get-Failure { Test-GreenCluster ./orders.yaml | Set-ClusterReadOnly -Force | Switch-Traffic }
        $failure.FullyQualifiedErrorId | Should -Match '^VerificationFailed,'
        "$failure" | Should -Match 'smoke: expected 3 orders, got 2'
        $failure.TargetObject.Suites.Count | Should -Be 1
        $operations.Calls.ToArray() | Should -Be 'Test'
    }

    It 'ends early when nobody wants more, after the work was done' {
        $operations = Use-ScriptedOperation
        Get-StatefulCluster ./orders.yaml | New-GreenCluster -Version 8.0 | Select-Object -First 1 | Should -Not -BeNullOrEmpty
        Get-StatefulCluster ./orders.yaml, ./carts.yaml | Select-Object -First 1 | ForEach-Object Service | Should -Be 'orders'
        $operations.Calls.ToArray() | Should -Be 'Get', 'NewGreen', 'Get'
    }

    It 'takes a plan with its version and strategy' {
        $operations = Use-ScriptedOperation
        $null = Get-UpgradePlan ./orders.yaml -Version 8.0 | Invoke-StatefulUpgrade -Force
        $request = Get-Request $operations
        $request.TargetVersion, "$($request.Strategy)" | Should -Be '8.0', 'Mirror'
    }
}

Describe 'Parameters' {
    BeforeAll { $operations = Use-ScriptedOperation }

    It 'take durations as people say them: <given>' -ForEach @(
        @{ given = 5; seconds = 5 }
        @{ given = '5'; seconds = 5 }
        @{ given = '500ms'; seconds = 0.5 }
        @{ given = '1m30s'; seconds = 90 }
        @{ given = '00:00:10'; seconds = 10 }
        @{ given = [timespan]::FromMinutes(1); seconds = 60 }
    ) {
        $null = Switch-Traffic ./orders.yaml -Force -WindowDeadline $given -HoldLimit $given
        (Get-Request $operations).WindowDeadline.TotalSeconds | Should -Be $seconds
        (Get-Request $operations).HoldLimit.TotalSeconds | Should -Be $seconds
    }

    It 'refuse what is no duration, and say what is: <_>' -ForEach 'soon', '-5', '30 apples' {
        $failure = Get-Failure { Switch-Traffic ./orders.yaml -Force -WindowDeadline $_ }
        "$failure" | Should -Match '1m30s|1h30m'
    }

    It 'reach the operations' {
        $null = Invoke-StatefulUpgrade ./orders.yaml -Version 8.0 -Strategy Mirror -Soak 1h -LagGate 64KB -CatchUpDeadline 2h -AllowLoadOnBlue -SkipVerification why -AllowOneWay -Force
        $request = Get-Request $operations
        $request.Soak.TotalHours, $request.LagGate, $request.CatchUpDeadline.TotalHours | Should -Be 1, 65536, 2
        $request.Consent.Switch, $request.Consent.AllowLoadOnBlue, $request.Consent.AllowOneWay, $request.Consent.SkipVerificationReason | Should -Be $true, $true, $true, 'why'
        $null = Compare-ClusterData ./orders.yaml -MaxDifferences 7 -ExpiryTolerance 3
        $operations.Calls.ToArray()[-1] | Should -Be 'Compare 7 3'
        $null = Wait-Replication ./orders.yaml -LagGate 0 -Timeout 30m
        (Get-Request $operations).LagGate, (Get-Request $operations).CatchUpDeadline.TotalMinutes | Should -Be 0, 30
    }

    It 'write nothing without -PassThru where that is the custom' {
        Stop-Replication ./orders.yaml | Should -BeNullOrEmpty
        Stop-StatefulUpgrade ./orders.yaml | Should -BeNullOrEmpty
        Remove-BlueCluster ./orders.yaml -Force | Should -BeNullOrEmpty
        Stop-Replication ./orders.yaml -PassThru | Should -BeOfType StatefulDeploy.Model.ReplicationStatus
    }

    It 'list upgrades by service, id, engine and status' {
        $operations = Use-ScriptedOperation
        $make = { param($id, $service, $status) $upgrade = [StatefulDeploy.Contracts.UpgradeSummary]::new(); $upgrade.UpgradeId = $id; $upgrade.Service = $service; $upgrade.Engine = 'redis'; $upgrade.Status = $status; $operations.Upgrades.Add($upgrade) }
        & $make orders-1 orders Failed
        & $make orders-2 orders Completed
        & $make carts-1 carts Failed
        (Get-StatefulUpgrade -Service ord*).UpgradeId | Should -Be 'orders-1', 'orders-2'
        (Get-StatefulUpgrade -Status Failed).UpgradeId | Should -Be 'orders-1', 'carts-1'
        (Get-StatefulUpgrade -UpgradeId *-1 -Engine Redis -Service orders).UpgradeId | Should -Be 'orders-1'
        Get-StatefulUpgrade -Engine garnet | Should -BeNullOrEmpty
    }

    It 'name the report when none is named, and refuse to replace it with -NoClobber' {
        $operations = Use-ScriptedOperation
        (Export-UpgradeReport ./orders.yaml).Report | Should -Be (Join-Path $folder orders-upgrade.html)
        $null = New-Item there.json
        (Get-Failure { Export-UpgradeReport ./orders.yaml -JsonPath there.json -NoClobber }).FullyQualifiedErrorId | Should -Match '^ReportExists,'
    }
}
