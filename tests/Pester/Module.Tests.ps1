BeforeDiscovery {
    $commands = (Import-PowerShellDataFile "$PSScriptRoot/../../StatefulDeploy.psd1").CmdletsToExport
}

BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"

    # A session of its own, in which nothing was used yet.
    function Invoke-InNewSession {
        param([string] $Script)
        $pwsh = (Get-Process -Id $PID).Path
        & $pwsh -NoLogo -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; Import-Module '$root/StatefulDeploy.psd1'; $Script"
    }
}

Describe 'The module' {
    It 'has a manifest that PowerShell accepts' {
        $manifest = Test-ModuleManifest "$root/StatefulDeploy.psd1"
        $manifest.ExportedCmdlets.Count | Should -Be 29
        $manifest.PowerShellVersion | Should -Be '7.4'
    }

    It 'exports <_> as a cmdlet' -ForEach $commands {
        (Get-Command $_ -Module StatefulDeploy).CommandType | Should -Be 'Cmdlet'
    }

    It 'exports nothing else' {
        $module = Get-Module StatefulDeploy
        $module.ExportedFunctions.Count + $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
    }

    It 'has scripts in which the script analyzer finds nothing' {
        if (-not (Get-Module -ListAvailable PSScriptAnalyzer)) { Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed'; return }
        $found = Invoke-ScriptAnalyzer -Path $root -Recurse -Settings "$root/PSScriptAnalyzerSettings.psd1"
        $found | ForEach-Object { "$($_.ScriptName):$($_.Line): $($_.RuleName)" } | Should -BeNullOrEmpty
    }

    It 'shows its types to scripts from the moment of import' {
        Invoke-InNewSession '[StatefulDeploy.Model.StatefulCluster].FullName' | Should -Be 'StatefulDeploy.Model.StatefulCluster'
    }

    It 'loads no dependency at import' {
        Invoke-InNewSession '[AppDomain]::CurrentDomain.GetAssemblies().GetName().Name -match "^(StatefulDeploy\.(?!Core|Cmdlets)|YamlDotNet)"' | Should -BeNullOrEmpty
    }

    It 'keeps its dependencies out of the default load context, and shares Core with it' {
        $contexts = Invoke-InNewSession @'
try { Get-StatefulCluster ./missing.yaml } catch { $null = $_ }
[Runtime.Loader.AssemblyLoadContext]::All | ForEach-Object {
    foreach ($assembly in $_.Assemblies) {
        if ($assembly.GetName().Name -match '^(StatefulDeploy|YamlDotNet)') { "$($_.Name): $($assembly.GetName().Name)" }
    }
}
'@
        $contexts | Should -Contain 'StatefulDeploy: YamlDotNet'
        $contexts | Should -Contain 'StatefulDeploy: StatefulDeploy.Composition'
        $contexts | Should -Contain 'StatefulDeploy: StatefulDeploy.Engines'
        @($contexts -like 'Default: *').ForEach({ $_ -replace 'Default: ' }) | Sort-Object | Should -Be 'StatefulDeploy.Cmdlets', 'StatefulDeploy.Core'
        @($contexts -like '*: StatefulDeploy.Core').Count | Should -Be 1
    }

    It 'keeps the driver of PostgreSQL there too, and it works there' {
        Set-Content "$TestDrive/password" secret
        Set-Content "$TestDrive/shop.yaml" @"
name: shop
engine: postgresql
version: "15"
nodes: [ { name: shop-1, endpoint: "127.0.0.1:1", dataDirectory: /nowhere } ]
router: { kind: pgbouncer, listen: "127.0.0.1:2", admin: "127.0.0.1:2", settings: { configFile: ./pgbouncer.ini } }
admin: { user: postgres, passwordFile: ./password }
"@
        $said = Invoke-InNewSession @"
(Get-StatefulCluster '$TestDrive/shop.yaml' -WarningAction Ignore).Nodes.Message
[Runtime.Loader.AssemblyLoadContext]::All | ForEach-Object { foreach (`$assembly in `$_.Assemblies) { "`$(`$_.Name): `$(`$assembly.GetName().Name)" } }
"@
        "$said" | Should -Match 'shop-1 .* does not answer'
        @($said -like '*: Npgsql') | Should -Be 'StatefulDeploy: Npgsql'
    }

    It 'can be removed and imported again' {
        Invoke-InNewSession "Get-StatefulUpgrade -StateDirectory /nowhere; Remove-Module StatefulDeploy; Import-Module '$root/StatefulDeploy.psd1'; Get-StatefulUpgrade -StateDirectory /nowhere; 'done'" | Should -Be 'done'
    }

    It 'gives <_.OutputType.Name> of <_.Name> a view' -ForEach @($commands.ForEach({ @{ Name = $_ } })) {
        $type = (Get-Command $Name).OutputType.Type
        Get-FormatData -TypeName $type.FullName | Should -Not -BeNullOrEmpty
    }
}

Describe 'The scripts of the repository' {
    It 'are clean to PSScriptAnalyzer' {
        if (-not (Get-Module -ListAvailable PSScriptAnalyzer)) {
            Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed'
            return
        }

        $scripts = Get-ChildItem $root -Recurse -Include *.ps1, *.psd1, *.psm1 | Where-Object FullName -NotMatch '/(bin|obj|artifacts|TestResults)/'
        $findings = $scripts | ForEach-Object { Invoke-ScriptAnalyzer -Path $_.FullName -Settings "$root/tests/Pester/support/AnalyzerSettings.psd1" }
        $findings | ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName): $($_.Message)" } | Should -BeNullOrEmpty
    }
}
