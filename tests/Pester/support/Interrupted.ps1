# Run by Stop.Tests.ps1 in a process of its own: a cmdlet that works for a minute unless it is interrupted.
param([string] $Folder, [double] $UndoSeconds, [double] $UndoDeadlineSeconds, [string] $ErrorId)
. "$PSScriptRoot/Session.ps1"
Set-InternalProperty StatefulDeploy.Cmdlets.Bridge.AsyncCommand UndoDeadline ([timespan]::FromSeconds($UndoDeadlineSeconds))
$operations = Use-ScriptedOperation
$operations.Works['Switch'] = [timespan]::FromMinutes(1)
$operations.WorkingFile = "$Folder/working"
$operations.UndoneFile = "$Folder/undone"
$operations.UndoTakes = [timespan]::FromSeconds($UndoSeconds)
if ($ErrorId) { $operations.UndoFails = New-Failure $ErrorId }
Switch-Traffic ./orders.yaml -Force
'after the cmdlet'
