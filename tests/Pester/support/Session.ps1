# Dot-sourced by the tests of the cmdlets themselves: imports the built module and can put scripted operations behind it.
$ErrorActionPreference = 'Stop'
$root = (Resolve-Path "$PSScriptRoot/../../..").Path
Import-Module "$root/StatefulDeploy.psd1"

function Use-ScriptedOperation {
    <# .SYNOPSIS Puts new scripted operations behind the cmdlets, and gives them back. #>
    if (-not ('StatefulDeploy.Tests.ScriptedOperations' -as [type])) {
        $references = (Get-ChildItem "$PSHOME/ref" -Filter *.dll).FullName + "$root/module/bin/StatefulDeploy.Core.dll"
        Add-Type -Path "$root/tests/Pester/support/ScriptedOperations.cs" -ReferencedAssemblies $references -CompilerOptions '-nullable:enable' -IgnoreWarnings -WarningAction SilentlyContinue
    }

    $operations = [StatefulDeploy.Tests.ScriptedOperations]::new()
    Set-InternalProperty -Type StatefulDeploy.Cmdlets.Loading.Product -Name Substitute -Value $operations
    $operations
}

function Use-RealOperation {
    <# .SYNOPSIS Takes the scripted operations away again. #>
    Set-InternalProperty -Type StatefulDeploy.Cmdlets.Loading.Product -Name Substitute -Value $null
}

function Set-InternalProperty {
    param([string] $Type, [string] $Name, $Value)
    $assembly = (Get-Command Get-StatefulCluster).ImplementingType.Assembly
    $assembly.GetType($Type, $true).GetProperty($Name, [Reflection.BindingFlags] 'Static, NonPublic, Public').SetValue($null, $Value)
}

function Get-Request {
    <# .SYNOPSIS The last request that the scripted operations got. #>
    param($Operations)
    $Operations.Requests.ToArray()[-1]
}

function New-Told {
    <# .SYNOPSIS Something that an operation tells. #>
    param([string] $Level, [string] $Message, [string] $Step, [double] $Percent = -1, [double] $RemainingSeconds = -1)
    $told = [StatefulDeploy.Contracts.ReportEvent]::new($Level, $Message)
    if ($Step) { $told.Step = $Step }
    if ($Percent -ge 0) { $told.Percent = $Percent }
    if ($RemainingSeconds -ge 0) { $told.Remaining = [timespan]::FromSeconds($RemainingSeconds) }
    $told
}

function New-Failure {
    <# .SYNOPSIS A failure as the operations throw it. #>
    param([string] $Id = 'GreenPortTaken', [string] $Category = 'Capacity', $Target)
    $failure = [StatefulDeploy.Contracts.UpgradeException]::new($Id, 'Port 7379 is taken.', 'Choose another one with green.basePort.', $Category, $null)
    if ($Target) { $failure.Target = $Target }
    $failure
}

function Get-Failure {
    <# .SYNOPSIS The error record with which a script block ends; nothing when it does not. #>
    param([scriptblock] $Script)
    try { $null = & $Script } catch { $_ }
}
