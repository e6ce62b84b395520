#!/usr/bin/env bash
# Puts a PowerShell, a .NET tool, with Pester beside it into the cache, for machines that have none of their own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

powershell=7.6.9 pester=6.2.0
into="$servers/pwsh"
[ ! -x "$into/pwsh" ] || exit 0
[ -z "${STATEFULDEPLOY_PWSH:-}" ] && ! have pwsh || exit 0
have dotnet || { say "no .NET SDK: no PowerShell"; exit 1; }
rm -rf -- "$into".making.*
making="$into.making.$$"

say "installing PowerShell $powershell with Pester $pester"
install_powershell() {
    rm -rf -- "$making"
    dotnet tool install --tool-path "$making" PowerShell --version "$powershell" > /dev/null
    # The tool's own launcher would start another process, dotnet; this is PowerShell itself.
    local program
    program="$(cd "$making" && find .store -path '*/unix/pwsh' -type f)"
    chmod 755 "$making/$program"
    ln -sf "$program" "$making/pwsh"
}
# A module is no tool: it is fetched as a package that a project asks for, and lies in that package's folder.
install_pester() {
    local project="$making/fetch"
    mkdir -p "$project"
    cat > "$project/fetch.csproj" << PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Pester" Version="[$pester]" /></ItemGroup>
</Project>
PROJECT
    dotnet restore "$project/fetch.csproj" --packages "$project/packages" > /dev/null || return 1
    rm -rf -- "$making/Modules"
    mkdir -p "$making/Modules/Pester"
    mv -- "$project/packages/pester/$pester/tools" "$making/Modules/Pester/$pester"
    rm -rf -- "$project"
}
retry install_powershell
retry install_pester
find "$making" -name '*.nupkg' -delete
publish "$making" "$into"
