#Requires -Version 7.4
<#
.SYNOPSIS
Builds, tests and packages StatefulDeploy. Everything it does is also a dotnet command.
.EXAMPLE
./build.ps1
Builds the module, so that Import-Module ./StatefulDeploy.psd1 works.
.EXAMPLE
./build.ps1 Package
Leaves the module as a folder and as a package in artifacts/.
.EXAMPLE
./build.ps1 Demo --engine redis
Runs the demonstration; what follows the task is given on to it.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Help', 'Package', 'Demo')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Rest
)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

function Build { dotnet build "$PSScriptRoot/Cmdlets.sln" -c $Configuration -v quiet -nologo }

function Test { bash "$PSScriptRoot/tests/run.sh" --configuration $Configuration @Rest }

# Makes the XML that Get-Help reads from the Markdown in en-US.
function Help { dotnet run --project "$PSScriptRoot/build/HelpGenerator" -c $Configuration -- "$PSScriptRoot/en-US" }

function Package {
    $module = Import-PowerShellDataFile "$PSScriptRoot/StatefulDeploy.psd1"
    $artifacts = "$PSScriptRoot/artifacts"
    $folder = "$artifacts/StatefulDeploy/$($module.ModuleVersion)"
    Remove-Item $artifacts -Recurse -Force -ErrorAction Ignore
    Remove-Item "$PSScriptRoot/module/bin" -Recurse -Force -ErrorAction Ignore
    dotnet build "$PSScriptRoot/src/StatefulDeploy.Cmdlets" -c $Configuration -v quiet -nologo

    $null = New-Item $folder -ItemType Directory
    Copy-Item "$PSScriptRoot/StatefulDeploy.psd1", "$PSScriptRoot/LICENSE" $folder
    Copy-Item "$PSScriptRoot/module", "$PSScriptRoot/en-US", "$PSScriptRoot/examples" $folder -Recurse
    Get-ChildItem "$folder/en-US" -Filter *.md | Remove-Item
    Compress-Archive "$folder/*" "$artifacts/StatefulDeploy.$($module.ModuleVersion).zip"
    Get-ChildItem $artifacts
}

function Demo { dotnet run --project "$PSScriptRoot/src/StatefulDeploy.Cli" -c $Configuration -- demo @Rest }

& $Task
