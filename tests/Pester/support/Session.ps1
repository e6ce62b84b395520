# Dot-sourced by tests of the cmdlets themselves: imports the built module and puts scripted operations behind it.
$ErrorActionPreference = 'Stop'
$root = (Resolve-Path "$PSScriptRoot/../../..").Path
Import-Module "$root/StatefulDeploy.psd1"
if (-not ('StatefulDeploy.Tests.ScriptedOperations' -as [type])) {
    $standard = (Get-ChildItem "$PSHOME/ref" -Filter *.dll).FullName
    Add-Type -Path "$PSScriptRoot/ScriptedOperations.cs" -ReferencedAssemblies ($standard + "$root/module/bin/StatefulDeploy.Core.dll") -IgnoreWarnings -WarningAction SilentlyContinue -CompilerOptions '-nullable:enable'
}

function Use-ScriptedOperation {
    <# .SYNOPSIS Puts new scripted operations behind the cmdlets and gives them back. #>
    $operations = [StatefulDeploy.Tests.ScriptedOperations]::new()
    Set-InternalProperty 'StatefulDeploy.Cmdlets.Loading.Product' Substitute $operations
    $operations
}

function Set-InternalProperty([string] $Type, [string] $Name, $Value) {
    $assembly = (Get-Command Get-StatefulCluster).ImplementingType.Assembly
    $property = $assembly.GetType($Type, $true).GetProperty($Name, [Reflection.BindingFlags] 'Static, NonPublic, Public')
    $property.SetValue($null, $Value)
}
