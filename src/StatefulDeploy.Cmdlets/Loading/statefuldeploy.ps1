# Runs the program where there is PowerShell but no dotnet: pwsh -NoProfile -NonInteractive -File statefuldeploy.ps1 ARGUMENTS…
# The arguments are read from the command line itself, since PowerShell would interpret some of them (-x:y, --%).
$line = [Environment]::GetCommandLineArgs()
$own = 0
while ($own -lt $line.Count -and [IO.Path]::GetFileName($line[$own]) -ne 'statefuldeploy.ps1') { $own++ }
[string[]] $arguments = if ($own + 1 -lt $line.Count) { $line[($own + 1)..($line.Count - 1)] } else { @() }
$program = [Reflection.Assembly]::LoadFrom([IO.Path]::Combine($PSScriptRoot, 'statefuldeploy.dll'))
exit $program.EntryPoint.Invoke($null, [object[]]@(, $arguments))
