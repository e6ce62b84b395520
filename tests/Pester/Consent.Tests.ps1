BeforeDiscovery {
    $grave = 'Set-ClusterReadOnly', 'Switch-Traffic', 'Undo-TrafficSwitch', 'Remove-BlueCluster', 'Invoke-StatefulUpgrade', 'Resume-StatefulUpgrade', 'Undo-StatefulUpgrade'
    $changes = $grave + 'New-GreenCluster', 'Start-Replication', 'Stop-Replication', 'Test-GreenCluster', 'Set-ClusterReadWrite', 'Stop-StatefulUpgrade', 'Export-UpgradeReport'
}

BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"

    # Answers come from a pwsh whose host cannot ask and which prints its "What if" lines. One process runs every line of this file:
    # each with operations of its own, and what it printed ends with the calls that it made.
    $session = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path, "-NoLogo -NoProfile -NonInteractive -File `"$root/tests/Pester/support/Lines.ps1`"")
    $session.RedirectStandardInput = $true
    $session.RedirectStandardOutput = $true
    $session = [Diagnostics.Process]::Start($session)

    function Invoke-Line {
        param([string] $Line)
        $session.StandardInput.WriteLine($Line)
        $session.StandardInput.Flush()
        $printed = [Collections.Generic.List[string]]::new()
        do {
            $text = $session.StandardOutput.ReadLine()
            if ($null -eq $text) { throw 'The session has ended.' }
            $printed.Add($text)
        } until ($text.StartsWith('calls:'))
        # As a whole: whoever wants the first line alone must not leave the others behind.
        $printed.ToArray()
    }
}

AfterAll {
    $session.StandardInput.Close()
    if (-not $session.WaitForExit(10000)) { $session.Kill() }
}

Describe '<_> asks before it acts' -ForEach $grave {
    BeforeAll { $name = $_ }

    It 'and where nobody can be asked says how to consent, and touches nothing' {
        $printed = Invoke-Line "$name ./orders.yaml"
        $printed[0] | Should -Match '^ConfirmationNeeded,'
        $printed[1] | Should -Match '-Confirm:\$false or -Force'
        $printed[-1] | Should -Be 'calls:'
    }

    It 'but not with -Force, nor with -Confirm:$false, nor with $ConfirmPreference None' {
        $printed = Invoke-Line "`$null = $name ./orders.yaml -Force; `$null = $name ./orders.yaml -Confirm:`$false; `$ConfirmPreference = 'None'; `$null = $name ./orders.yaml"
        ($printed | Select-Object -Last 1) -split ' ' | Select-Object -Skip 1 | Should -HaveCount 3
    }

    It 'and -Force does not silence -WhatIf' {
        Invoke-Line "$name ./orders.yaml -Force -WhatIf" | Select-Object -Last 1 | Should -Match '^calls:( Get)?( Plan)?$'
    }
}

Describe '<_> -WhatIf' -ForEach $changes {
    It 'says what it would do and does nothing' {
        $printed = Invoke-Line "$_ ./orders.yaml -WhatIf"
        $printed[0] | Should -Match "^What if: .*'orders'"
        $printed[-1] | Should -Match '^calls:( Get)?( Plan)?$'
    }

    It 'heeds $WhatIfPreference' {
        Invoke-Line "`$WhatIfPreference = `$true; $_ ./orders.yaml" | Select-Object -First 1 | Should -Match '^What if: '
    }
}

Describe 'A plan shown by -WhatIf' {
    It 'lists exactly the steps of <name>' -ForEach @(
        @{ name = 'New-GreenCluster'; steps = 'Preflight', 'Lock', 'Snapshot', 'Provision' }
        @{ name = 'Start-Replication'; steps = , 'Replicate' }
        @{ name = 'Test-GreenCluster'; steps = 'Verify', 'Rehearse' }
        @{ name = 'Switch-Traffic'; steps = 'CatchUp', 'Verify', 'Rehearse', 'Fence', 'Position', 'Drain', 'Finalize', 'Promote', 'Commit', 'Open', 'Switch' }
        @{ name = 'Remove-BlueCluster'; steps = 'Soak', 'Retire' }
        @{ name = 'Invoke-StatefulUpgrade'; steps = 'Preflight', 'Lock', 'Snapshot', 'Provision', 'Replicate', 'CatchUp', 'Verify', 'Rehearse', 'Fence', 'Position', 'Drain', 'Finalize', 'Promote', 'Commit', 'Open', 'Switch', 'Soak', 'Retire' }
    ) {
        $listed = @(Invoke-Line "$name ./orders.yaml -WhatIf") -match '^What if: Step' -replace '^What if: Step \d+, (\w+):.*', '$1'
        $listed | Should -Be $steps
    }

    It 'shows the risks that preflight found' {
        Invoke-Line 'New-GreenCluster ./orders.yaml -Version 8.0 -WhatIf' | Should -Contain 'What if: Risk (NoReplica, s1): The shard has no replica. Add one.'
    }

    It 'says what closing writes without an upgrade is for' {
        "$(Invoke-Line 'Set-ClusterReadOnly ./orders.yaml -WhatIf')" | Should -Match 'Maintenance: .*blue-1 \(127.0.0.1:6379\)'
    }
}

Describe 'The consent of Set-ClusterReadOnly' {
    It 'keeps Switch-Traffic from asking inside the window' {
        Invoke-Line '$closed = Set-ClusterReadOnly ./orders.yaml -Confirm:$false; $null = $closed | Switch-Traffic' | Should -Be 'calls: CloseWrites Switch'
    }

    It 'does not keep -WhatIf or -Confirm from being heeded' {
        Invoke-Line '$closed = Set-ClusterReadOnly ./orders.yaml -Confirm:$false; $closed | Switch-Traffic -WhatIf' | Select-Object -Last 1 | Should -Be 'calls: CloseWrites Plan'
        Invoke-Line '$closed = Set-ClusterReadOnly ./orders.yaml -Confirm:$false; $closed | Switch-Traffic -Confirm' | Select-Object -Last 1 | Should -Be 'calls: CloseWrites'
    }

    It 'ends with the window' {
        Invoke-Line '$opened = Set-ClusterReadOnly ./orders.yaml -Confirm:$false | Set-ClusterReadWrite; $opened | Switch-Traffic' | Select-Object -First 1 | Should -Match '^ConfirmationNeeded,'
    }
}
