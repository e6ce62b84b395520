BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"

    # Starts the interrupted cmdlet in a pwsh of its own, presses Ctrl+C once it works, and tells what came of it.
    function Invoke-Interrupted {
        param([double] $UndoSeconds = 1, [double] $UndoDeadlineSeconds = 60, [string] $ErrorId = '')
        $folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $start = [Diagnostics.ProcessStartInfo]::new('env')
        # Whoever runs the tests in the background has Ctrl+C ignored, and children would inherit that.
        foreach ($argument in '--default-signal=INT', (Get-Process -Id $PID).Path, '-NoLogo', '-NoProfile', '-NonInteractive', '-File', "$root/tests/Pester/support/Interrupted.ps1", $folder, $UndoSeconds, $UndoDeadlineSeconds, $ErrorId) {
            $start.ArgumentList.Add($argument)
        }

        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $start.RedirectStandardInput = $true
        $process = [Diagnostics.Process]::Start($start)
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        $patience = [Diagnostics.Stopwatch]::StartNew()
        while (-not (Test-Path "$folder/working") -and $patience.Elapsed.TotalSeconds -lt 60 -and -not $process.HasExited) { Start-Sleep -Milliseconds 50 }
        $took = [Diagnostics.Stopwatch]::StartNew()
        & sh -c "kill -INT $($process.Id)"
        $ended = $process.WaitForExit(40000)
        if (-not $ended) { $process.Kill() }
        [pscustomobject]@{
            Ended   = $ended
            Seconds = $took.Elapsed.TotalSeconds
            Undone  = Test-Path "$folder/undone"
            Output  = $output.Result + $errors.Result
        }
    }
}

AfterAll {
    Use-RealOperation
}

Describe 'Ctrl+C' {
    It 'takes back what was begun, says so, and ends only then' {
        $end = Invoke-Interrupted -UndoSeconds 2
        $end.Ended | Should -BeTrue
        $end.Undone | Should -BeTrue
        $end.Seconds | Should -BeGreaterThan 1.9
        $end.Output | Should -Match 'Switch-Traffic is stopping: it takes back what it began'
        $end.Output | Should -Not -Match 'after the cmdlet'
    }

    It 'waits for the undo no longer than its own deadline, and says where to look' {
        $end = Invoke-Interrupted -UndoSeconds 30 -UndoDeadlineSeconds 1
        $end.Ended | Should -BeTrue
        $end.Undone | Should -BeFalse
        $end.Output | Should -Match 'its undo had not ended after 1 s'
        $end.Output | Should -Match 'Get-StatefulUpgrade'
    }

    It 'shows why an undo failed, although the pipeline is gone' {
        $end = Invoke-Interrupted -ErrorId GreenStuck
        $end.Undone | Should -BeTrue
        $end.Output | Should -Match 'Port 7379 is taken\. Choose another one with green\.basePort\.'
    }
}

Describe 'A pipeline that wants no more' {
    BeforeEach {
        $operations = Use-ScriptedOperation
        $operations.Works['Switch'] = [timespan]::FromMinutes(1)
        $operations.UndoneFile = Join-Path $TestDrive ([guid]::NewGuid())
        $operations.Told.Add((New-Told Verbose 'first'))
        $operations.Told.Add((New-Told Warning 'second'))
    }

    It 'cancels the work and waits for its undo' {
        $first = Switch-Traffic ./orders.yaml -Force -Verbose 4>&1 3>$null | Select-Object -First 1
        "$first" | Should -Be 'first'
        Test-Path $operations.UndoneFile | Should -BeTrue
    }

    It 'does so too when a warning is to stop it' {
        $failure = Get-Failure { Switch-Traffic ./orders.yaml -Force -WarningAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^ActionPreferenceStop,'
        Test-Path $operations.UndoneFile | Should -BeTrue
    }

    It 'does so too when its PowerShell is stopped' {
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $operations.WorkingFile = Join-Path $TestDrive ([guid]::NewGuid())
            $running = $shell.AddScript("Import-Module '$root/StatefulDeploy.psd1'; Switch-Traffic ./orders.yaml -Force").BeginInvoke()
            while (-not (Test-Path $operations.WorkingFile)) { Start-Sleep -Milliseconds 20 }
            $shell.Stop()
            $running.IsCompleted | Should -BeTrue
            Test-Path $operations.UndoneFile | Should -BeTrue
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'Work that has ended' {
    It 'stands, and its object is the last thing written' {
        $operations = Use-ScriptedOperation
        $operations.Told.Add((New-Told Information 'milestone'))
        $all = Switch-Traffic ./orders.yaml -Force 6>&1
        $all[-1] | Should -BeOfType StatefulDeploy.Model.StatefulCluster
        $all.Count | Should -Be 2
    }
}
