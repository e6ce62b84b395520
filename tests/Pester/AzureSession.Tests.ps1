# Signing in to Azure and what is left there, as far as that goes without a cloud: what a session asks, refuses and loads.
BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
    $file = "$TestDrive/orders.yaml"
    @"
name: orders
engine: redis
version: "7.0"
nodes: [ { name: orders-1, endpoint: "127.0.0.1:7001" } ]
router: { kind: gateway, listen: "127.0.0.1:6379" }
azure:
  environment: nowhere
  endpoint: https://127.0.0.1:1
  authority: https://127.0.0.1:1
  audience: https://127.0.0.1:1
  tenant: 3f1a2b3c-0000-4000-8000-0123456789ab
  subscription: 6f1a2b3c-0000-4000-8000-0123456789ab
  resourceGroup: orders
  credential: { kind: certificate, clientId: 5d1a2b3c-0000-4000-8000-0123456789ab, certificateFile: ./missing.pem }
  machines: { local: orders-vm-1 }
"@ | Set-Content $file
}

Describe 'Connect-StatefulAzure' {
    It 'signs nobody in under -WhatIf' {
        Connect-StatefulAzure -Kind Certificate -CertificateFile ./missing.pem -WhatIf | Should -BeNullOrEmpty
    }

    It 'names the certificate that is missing, by its full path' {
        $failure = Get-Failure { Connect-StatefulAzure -Kind Certificate -Tenant contoso -ClientId app -CertificateFile "$TestDrive/none.pem" }
        $failure.FullyQualifiedErrorId | Should -BeLike 'CertificateNotFound*'
        $failure.Exception.Message | Should -Match ([regex]::Escape("$TestDrive/none.pem"))
    }

    It 'takes the way to sign in of the service that it is for' {
        (Get-Failure { Get-Item $file | Connect-StatefulAzure }).FullyQualifiedErrorId | Should -BeLike 'CertificateNotFound*'
    }

    It 'says what a cloud of one''s own lacks' {
        $failure = Get-Failure { Connect-StatefulAzure -Environment hub -Endpoint https://hub.example }
        $failure.FullyQualifiedErrorId | Should -BeLike 'MissingKey*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'metadata/endpoints'
    }

    It 'refuses a subscription that is none' {
        (Get-Failure { Connect-StatefulAzure -Subscription orders }).FullyQualifiedErrorId | Should -BeLike 'InvalidName*'
    }

    It 'completes the ways to sign in' {
        $line = 'Connect-StatefulAzure -Kind '
        (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Contain 'ManagedIdentity'
    }
}

Describe 'Get-AzureClusterCapacity' {
    It 'ends with the error of whoever cannot be signed in' {
        (Get-Failure { Get-AzureClusterCapacity $file }).FullyQualifiedErrorId | Should -BeLike 'CertificateNotFound*'
    }

    It 'shows what is left in a table' {
        $capacity = [StatefulDeploy.Model.AzureClusterCapacity]::new()
        $capacity.GetType().GetProperty('LunsLeft') | Should -Not -BeNullOrEmpty
        (Get-FormatData -TypeName StatefulDeploy.Model.AzureClusterCapacity).FormatViewDefinition.Count | Should -Be 2
    }

    It 'leaves no type of the Azure SDK in the session' {
        $null = Get-Failure { Get-AzureClusterCapacity $file }
        $default = [Runtime.Loader.AssemblyLoadContext]::All.Where({ $_.Name -eq 'Default' }).Assemblies.ForEach({ $_.GetName().Name })
        @($default -match '^(Azure\.|Microsoft\.Identity\.|StatefulDeploy\.Azure)').Count | Should -Be 0
        $own = [Runtime.Loader.AssemblyLoadContext]::All.Where({ $_.Name -eq 'StatefulDeploy' }).Assemblies.ForEach({ $_.GetName().Name })
        $own | Should -Contain 'StatefulDeploy.Azure'
    }
}
