# Run by Consent.Tests.ps1 in a process of its own: runs each line that it is sent with new scripted operations, prints what the line
# prints and how it failed, and last the calls that were made.
. "$PSScriptRoot/Session.ps1"
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $operations = Use-ScriptedOperation
    try {
        & ([scriptblock]::Create($line)) | Out-String -Stream
    }
    catch {
        $_.FullyQualifiedErrorId
        $_.ErrorDetails.RecommendedAction
    }

    @('calls:') + $operations.Calls.ToArray() -join ' '
}
