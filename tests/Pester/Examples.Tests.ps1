BeforeAll {
    . "$PSScriptRoot/support/Services.ps1"
    $missing = Get-MissingServer redis '7.0', '8.0'
    $service = $null

    # Runs an example as its readers do: in a pwsh of its own that cannot ask.
    function Invoke-Example {
        param([string[]] $Arguments)
        & (Get-Process -Id $PID).Path -NoLogo -NoProfile -NonInteractive @Arguments 2>&1 | ForEach-Object { "$_" }
    }
}

Describe 'The examples, on a real Redis 7.0' {
    BeforeEach {
        if ($missing) {
            Set-ItResult -Skipped -Because $missing
        }
        else {
            $service = Start-TestService redis '7.0' '8.0' (Join-Path $TestDrive ([guid]::NewGuid()))
        }
    }

    AfterEach {
        Stop-TestService $service
    }

    It 'interactive.ps1 walks to the end, and leaves the report' {
        $printed = Invoke-Example '-File', "$root/examples/interactive.ps1", $service.File, '-Version', '8.0', '-Unattended'
        $LASTEXITCODE | Should -Be 0 -Because "$printed"
        (Get-StatefulUpgrade $service.File).Status | Should -Be 'Completed'
        "$($service.Folder)/orders-upgrade.html" | Should -Exist
    }

    It 'runbook.ps1 upgrades, and says so' {
        $printed = Invoke-Example '-File', "$root/examples/runbook.ps1", $service.File, '-Version', '8.0', '-Soak', '0', '-ReportFolder', "$($service.Folder)/reports"
        $LASTEXITCODE | Should -Be 0 -Because "$printed"
        "$printed" | Should -Match 'orders runs 8\.0; writes were closed for [\d.]+ ms'
        "$($service.Folder)/reports/orders.json" | Should -Exist
    }

    It 'runbook.ps1 ends with 2 when the upgrade is refused' {
        $printed = Invoke-Example '-File', "$root/examples/runbook.ps1", $service.File, '-Version', '6.0'
        $LASTEXITCODE | Should -Be 2 -Because "$printed"
        "$printed" | Should -Match 'What to do|Refuse|older'
        Test-Path "$($service.Folder)/state/upgrades" | Should -BeFalse
    }

    It 'runbook.ps1 takes the upgrade back when a gate fails' {
        Add-Content $service.File "verification: [ { name: never, command: [ sh, -c, 'echo expected 3 orders, got 2; exit 1' ] } ]"
        $printed = Invoke-Example '-File', "$root/examples/runbook.ps1", $service.File, '-Version', '8.0', '-ReportFolder', "$($service.Folder)/reports"
        $LASTEXITCODE | Should -Be 1 -Because "$printed"
        "$printed" | Should -Match 'expected 3 orders, got 2'
        (Get-StatefulUpgrade $service.File).Status | Should -Be 'Undone'
        (Get-StatefulCluster $service.File).State | Should -Be 'Serving'
    }

    # How long writes were closed is measured by the benchmarks; a machine that builds and tests at once says nothing about it.
    It 'Upgrade.Tests.ps1 passes as a test' {
        $printed = Invoke-Example '-Command', "Import-Module Pester; `$container = New-PesterContainer -Path '$root/examples/Upgrade.Tests.ps1' -Data @{ Path = '$($service.File)'; Version = '8.0'; MaxClosedMilliseconds = 30000 }; `$run = Invoke-Pester -Container `$container -PassThru; exit `$run.FailedCount + `$run.FailedBlocksCount"
        $LASTEXITCODE | Should -Be 0 -Because "$printed"
        "$printed" | Should -Match 'Passed: 7'
    }
}

Describe 'The service file of the examples' {
    It 'can be read' {
        (Get-StatefulCluster "$root/examples/orders.yaml").Service | Should -Be 'orders'
    }
}
