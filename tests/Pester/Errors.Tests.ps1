BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
}

AfterAll {
    Use-RealOperation
}

Describe 'A failure' {
    BeforeEach {
        $operations = Use-ScriptedOperation
    }

    It 'has its id, its category <category>, what is at fault and what to do' -ForEach @(
        @{ kind = 'InvalidInput'; category = 'InvalidArgument' }
        @{ kind = 'NotFound'; category = 'ObjectNotFound' }
        @{ kind = 'WrongState'; category = 'InvalidOperation' }
        @{ kind = 'Refused'; category = 'InvalidOperation' }
        @{ kind = 'Busy'; category = 'ResourceBusy' }
        @{ kind = 'StaleEpoch'; category = 'ResourceBusy' }
        @{ kind = 'Unreachable'; category = 'ConnectionError' }
        @{ kind = 'AccessDenied'; category = 'PermissionDenied' }
        @{ kind = 'Capacity'; category = 'ResourceUnavailable' }
        @{ kind = 'Damaged'; category = 'InvalidData' }
        @{ kind = 'Timeout'; category = 'OperationTimeout' }
        @{ kind = 'OperationFailed'; category = 'OperationStopped' }
    ) {
        $operations.Failures['NewGreen'] = New-Failure GreenPortTaken $kind -Target 'port 7379'
        $failure = Get-Failure { New-GreenCluster ./orders.yaml -Version 8.0 }
        $failure.FullyQualifiedErrorId | Should -Be 'GreenPortTaken,StatefulDeploy.Cmdlets.Commands.NewGreenClusterCommand'
        $failure.CategoryInfo.Category | Should -Be $category
        $failure.TargetObject | Should -Be 'port 7379'
        $failure.ErrorDetails.RecommendedAction | Should -Be 'Choose another one with green.basePort.'
        "$failure" | Should -Be 'Port 7379 is taken.'
    }

    It 'ends the pipeline, so that no later cmdlet runs' {
        $operations.Failures['StartReplication'] = New-Failure
        $null = Get-Failure { Get-StatefulCluster ./orders.yaml | New-GreenCluster -Version 8.0 | Start-Replication | Switch-Traffic -Force }
        $operations.Calls.ToArray() | Should -Be 'Get', 'NewGreen', 'StartReplication'
    }

    It 'names the cluster when it says nothing better' {
        $operations.Failures['StartReplication'] = New-Failure
        (Get-Failure { Get-StatefulCluster ./orders.yaml | Start-Replication }).TargetObject.Service | Should -Be 'orders'
    }

    It 'of one of several files lets the others be read' {
        $operations.Failures['Get'] = New-Failure
        $clusters = Get-StatefulCluster ./orders.yaml, ./carts.yaml -ErrorAction SilentlyContinue -ErrorVariable failures
        $clusters | Should -BeNullOrEmpty
        $failures.FullyQualifiedErrorId | Should -Be (@('GreenPortTaken,StatefulDeploy.Cmdlets.Commands.GetStatefulClusterCommand') * 2)
    }

    It 'that nobody foresaw says that it is a defect' {
        $operations.Failures['Switch'] = [InvalidOperationException]::new('out of order')
        $failure = Get-Failure { Switch-Traffic ./orders.yaml -Force }
        $failure.FullyQualifiedErrorId | Should -Match '^UnexpectedFailure,'
        "$failure" | Should -Be 'InvalidOperationException: out of order'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'defect'
    }
}

Describe 'What an operation tells' {
    BeforeEach {
        $operations = Use-ScriptedOperation
    }

    It 'goes to the streams where PowerShell expects it' {
        $operations.Told.Add((New-Told Verbose 'starts a node' -Step Provision))
        $operations.Told.Add((New-Told Information 'green is up' -Step Provision))
        $operations.Told.Add((New-Told Warning 'no replica'))
        $operations.Told.Add((New-Told Debug 'redis-server ***'))
        $all = New-GreenCluster ./orders.yaml -Version 8.0 -Verbose -Debug -WarningAction Continue *>&1
        $all.Where({ $_ -is [System.Management.Automation.VerboseRecord] }).Message | Should -Contain 'Provision: starts a node'
        $all.Where({ $_ -is [System.Management.Automation.WarningRecord] }).Message | Should -Contain 'no replica'
        $all.Where({ $_ -is [System.Management.Automation.DebugRecord] }).Message | Should -Contain 'redis-server ***'
        $information = $all.Where({ $_ -is [System.Management.Automation.InformationRecord] })
        $information.MessageData | Should -Be 'green is up'
        $information.Tags | Should -Be 'StatefulDeploy', 'Provision'
        $all[-1] | Should -BeOfType StatefulDeploy.Model.StatefulCluster
    }

    It 'shows progress with percent and time left, and takes the bar away' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript(". '$root/tests/Pester/support/Session.ps1'; `$operations = Use-ScriptedOperation; `$operations.Told.Add((New-Told Progress 'copying' -Step CatchUp -Percent 40 -RemainingSeconds 12)); `$null = Wait-Replication ./orders.yaml").Invoke()
            $progress = @($shell.Streams.Progress).Where({ $_.Activity -eq 'Wait-Replication' })
            $progress[0].PercentComplete, $progress[0].SecondsRemaining, $progress[0].StatusDescription, $progress[0].CurrentOperation | Should -Be 40, 12, 'copying', 'CatchUp'
            $progress[-1].RecordType | Should -Be 'Completed'
        }
        finally {
            $shell.Dispose()
        }
    }
}
