BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
    $program = "$root/module/bin/deps/statefuldeploy.dll"
}

Describe 'The program beside the module' {
    It 'runs inside pwsh, as where there is no dotnet' {
        # As the composition starts it: through its own entry point, with arguments that PowerShell must leave alone.
        $script = "exit [System.Reflection.Assembly]::LoadFrom('$program').EntryPoint.Invoke(`$null, (,[string[]]@('plan','--help')))"
        $help = & (Get-Process -Id $PID).Path -NoLogo -NoProfile -NonInteractive -Command $script
        $LASTEXITCODE | Should -Be 0
        "$help" | Should -Match 'plan'
    }

    It 'gives its exit code on' {
        $script = "exit [System.Reflection.Assembly]::LoadFrom('$program').EntryPoint.Invoke(`$null, (,[string[]]@('no-such-command')))"
        $null = & (Get-Process -Id $PID).Path -NoLogo -NoProfile -NonInteractive -Command $script 2>&1
        $LASTEXITCODE | Should -Not -Be 0
    }

    It 'runs by dotnet' {
        if (-not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'there is no dotnet'
            return
        }

        $null = dotnet $program plan --help
        $LASTEXITCODE | Should -Be 0
    }
}
