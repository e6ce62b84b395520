# The examples for Azure, in a real pwsh on a virtual machine of the simulator: the service is live and under load, and the simulator judges at the end.
BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
    $program = Get-ChildItem "$root/tests/Azure.Host/bin/*/net10.0/Azure.Host.dll" -ErrorAction Ignore | Sort-Object LastWriteTime | Select-Object -Last 1
    $full = $env:STATEFULDEPLOY_FULL -eq '1'

    # Starts the simulator with its service; a text when it cannot be, which says why.
    function Start-Azure {
        if (-not $IsLinux -or (id -u) -ne 0) { return 'machines of namespaces and loop devices need root' }
        if (-not $program) { return 'tests/Azure.Host is not built' }
        $start = [Diagnostics.ProcessStartInfo]::new('dotnet', [string[]] @('exec', $program.FullName, '--service'))
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $said = $process.StandardError.ReadToEndAsync()
        $line = $process.StandardOutput.ReadLine()
        if ($line) { return @{ Process = $process; Told = $line | ConvertFrom-Json; Said = $said } }
        $process.WaitForExit()
        if ($process.ExitCode -eq 3) { return $said.Result.Trim() }
        throw "Azure.Host ended with $($process.ExitCode): $($said.Result)"
    }

    # Ends it, and gives what it saw.
    function Stop-Azure {
        param($Azure)
        $Azure.Process.StandardInput.WriteLine('stop')
        $verdict = $Azure.Process.StandardOutput.ReadLine()
        $Azure.Process.WaitForExit()
        if (-not $verdict) { throw "Azure.Host told nothing: $($Azure.Said.Result)" }
        $verdict | ConvertFrom-Json
    }

    # Runs a pwsh on the operator's machine.
    function Invoke-There {
        param($Azure, [string[]] $Arguments)
        $pwsh = (Get-Process -Id $PID).Path
        nsenter --target $Azure.Told.operator --net --mount --uts --ipc --pid -- $pwsh -NoLogo -NoProfile -NonInteractive @Arguments 2>&1 | ForEach-Object { "$_" }
    }
}

Describe 'The examples for Azure, against the simulator' {
    BeforeEach {
        $azure = $null
    }

    AfterEach {
        if ($azure -is [hashtable] -and -not $azure.Process.HasExited) { $null = Stop-Azure $azure }
    }

    It 'AzureUpgrade.Tests.ps1 passes as a test, and no client sees the upgrade' {
        if (-not $full) { Set-ItResult -Skipped -Because 'runs with tests/run.sh --full'; return }
        $azure = Start-Azure
        if ($azure -is [string]) { Set-ItResult -Skipped -Because $azure; return }
        $printed = Invoke-There $azure '-Command', "Import-Module Pester; `$container = New-PesterContainer -Path '$root/examples/AzureUpgrade.Tests.ps1' -Data @{ Path = '$($azure.Told.service)'; MaxClosedMilliseconds = 30000 }; `$run = Invoke-Pester -Container `$container -PassThru; exit `$run.FailedCount + `$run.FailedBlocksCount"
        $LASTEXITCODE | Should -Be 0 -Because ($printed -join "`n")
        "$printed" | Should -Match 'Passed: 6'
        $verdict = Stop-Azure $azure
        $verdict.findings | Should -BeNullOrEmpty
        $verdict.changes | Should -Be 6
    }

    It 'azure-runbook.ps1 takes back what a gate refuses, upgrades through a storm the next time, and leaves the report' {
        if (-not $full) { Set-ItResult -Skipped -Because 'runs with tests/run.sh --full'; return }
        $azure = Start-Azure
        if ($azure -is [string]) { Set-ItResult -Skipped -Because $azure; return }
        $file = "$($azure.Told.disk)/service.yaml"
        $described = Get-Content $file -Raw
        Set-Content $file "$described`nverification: [ { name: never, command: [ sh, -c, 'echo expected 3 orders, got 2; exit 1' ] } ]"
        $printed = Invoke-There $azure '-File', "$root/examples/azure-runbook.ps1", $azure.Told.service, '-ReportFolder', '/srv/reports'
        $LASTEXITCODE | Should -Be 1 -Because ($printed -join "`n")
        "$printed" | Should -Match 'expected 3 orders, got 2'
        "$printed" | Should -Match 'data-2: Mounted on b2'

        Set-Content $file $described
        $azure.Process.StandardInput.WriteLine('fault ThrottleStorm * 10')
        $azure.Process.StandardInput.WriteLine('fault ExpiredToken')
        $azure.Process.StandardInput.WriteLine('fault Preempted green-3')
        $printed = Invoke-There $azure '-File', "$root/examples/azure-runbook.ps1", $azure.Told.service, '-ReportFolder', '/srv/reports'
        $LASTEXITCODE | Should -Be 0 -Because ($printed -join "`n")
        "$printed" | Should -Match 'orders runs 8\.0; writes were closed for [\d.]+ ms'
        "$printed" | Should -Match 'data-2: Mounted on g2'
        "$($azure.Told.disk)/reports/orders.json" | Should -Exist
        $verdict = Stop-Azure $azure
        $verdict.findings | Should -BeNullOrEmpty
        $verdict.faults | Should -Be 12
    }
}
