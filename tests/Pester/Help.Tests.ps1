BeforeDiscovery {
    $commands = (Import-PowerShellDataFile "$PSScriptRoot/../../StatefulDeploy.psd1").CmdletsToExport
}

BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
}

Describe 'Get-Help <_>' -ForEach $commands {
    BeforeAll {
        $name = $_
        $help = Get-Help $name -Full
        $command = Get-Command $name
    }

    It 'finds a synopsis and a description' {
        $help.Synopsis | Should -Not -Match "^\s*$name"
        $help.Synopsis.Length | Should -BeGreaterThan 20
        $help.Description.Text | Should -Not -BeNullOrEmpty
    }

    It 'describes each parameter' {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        foreach ($parameter in $command.Parameters.Keys.Where({ $_ -notin $common })) {
            (Get-Help $name -Parameter $parameter).Description.Text | Should -Not -BeNullOrEmpty -Because "-$parameter needs a description"
        }
    }

    It 'shows the syntax that the cmdlet has' {
        $help.Syntax.SyntaxItem.Count | Should -Be $command.ParameterSets.Count
    }

    It 'has three examples or more, which parse and use parameters that exist' {
        $help.Examples.Example.Count | Should -BeGreaterOrEqual 3
        foreach ($example in $help.Examples.Example) {
            $errors = $null
            $syntax = [System.Management.Automation.Language.Parser]::ParseInput($example.Code, [ref] $null, [ref] $errors)
            $errors | Should -BeNullOrEmpty -Because $example.Code
            $uses = $syntax.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
            foreach ($use in $uses.Where({ (Get-Command $_.GetCommandName() -ErrorAction Ignore).ModuleName -eq 'StatefulDeploy' })) {
                $known = (Get-Command $use.GetCommandName()).Parameters.Values.ForEach({ $_.Name; $_.Aliases })
                foreach ($parameter in $use.CommandElements.Where({ $_ -is [System.Management.Automation.Language.CommandParameterAst] })) {
                    $known | Should -Contain $parameter.ParameterName -Because $example.Code
                }
            }
        }
    }

    It 'leads to related topics that exist' {
        foreach ($link in $help.RelatedLinks.NavigationLink.LinkText) {
            if ($link -like 'about_*') { Test-Path "$root/en-US/$link.help.txt" | Should -BeTrue } else { Get-Command $link -Module StatefulDeploy | Should -Not -BeNullOrEmpty }
        }
    }
}

Describe 'Get-Help <_>' -ForEach 'about_StatefulDeploy', 'about_StatefulDeploy_Safety' {
    It 'is found' {
        # Get-Help looks for topics in the folders of PSModulePath, or beside an imported module.
        "$(Get-Help $_)" | Should -Match 'LONG DESCRIPTION'
    }
}
