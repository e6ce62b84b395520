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

switch ($Task) {
    'Build' {
        dotnet build "$PSScriptRoot/Cmdlets.sln" -c $Configuration -v quiet -nologo
    }
    'Test' {
        bash "$PSScriptRoot/tests/run.sh" --configuration $Configuration @Rest
    }
    'Help' {
        # Makes the XML that Get-Help reads from the Markdown in en-US.
        dotnet run --project "$PSScriptRoot/build/HelpGenerator" -c $Configuration -- "$PSScriptRoot/en-US"
    }
    'Package' {
        $module = Import-PowerShellDataFile "$PSScriptRoot/StatefulDeploy.psd1"
        $artifacts = "$PSScriptRoot/artifacts"
        $folder = "$artifacts/StatefulDeploy/$($module.ModuleVersion)"
        Remove-Item $artifacts, "$PSScriptRoot/module/bin" -Recurse -Force -ErrorAction Ignore
        dotnet build "$PSScriptRoot/src/StatefulDeploy.Cmdlets" -c $Configuration -v quiet -nologo

        $null = New-Item $folder -ItemType Directory
        Copy-Item "$PSScriptRoot/StatefulDeploy.psd1", "$PSScriptRoot/LICENSE" $folder
        Copy-Item "$PSScriptRoot/module", "$PSScriptRoot/en-US", "$PSScriptRoot/examples" $folder -Recurse
        Get-ChildItem "$folder/en-US" -Filter *.md | Remove-Item
        if (Get-Command Compress-PSResource -ErrorAction Ignore) {
            Compress-PSResource -Path $folder -DestinationPath $artifacts
        }
        else {
            Compress-Archive "$folder/*" "$artifacts/StatefulDeploy.$($module.ModuleVersion).zip"
        }

        Get-ChildItem $artifacts
    }
    'Demo' {
        dotnet run --project "$PSScriptRoot/src/StatefulDeploy.Cli" -c $Configuration -- demo @Rest
    }
}
