# Dot-sourced by the tests that upgrade real servers: finds them, starts a blue one with the gateway before it, and ends both.
. "$PSScriptRoot/Session.ps1"

$serverCache = if ($env:STATEFULDEPLOY_CACHE) { $env:STATEFULDEPLOY_CACHE } else { "$HOME/.cache/statefuldeploy" }
$knownServers = @{
    'redis 7.0'    = @('redis-server', "$serverCache/servers/redis-7.0/redis-server")
    'redis 8.0'    = @("$serverCache/servers/redis-8.0/redis-server")
    'garnet 2.2.2' = @("$serverCache/servers/garnet-2.2.2/garnet-server")
    'garnet 2.2.8' = @("$serverCache/servers/garnet-2.2.8/garnet-server")
}

function Find-Server {
    <# .SYNOPSIS The program of a server; nothing when it is not here. #>
    param([string] $Name)
    (Get-Command $knownServers[$Name] -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source
}

function Get-MissingServer {
    <# .SYNOPSIS Why the servers of an upgrade cannot be used; nothing when they can. #>
    param([string] $Engine, [string[]] $Version)
    $missing = $Version.Where({ -not (Find-Server "$Engine $_") })
    if ($missing) { "$Engine $($missing -join ' and ') is not installed (tests/servers/install.sh does it)" }
}

function Get-FreePort {
    <# .SYNOPSIS Some port on which nothing listens. #>
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $listener.LocalEndpoint.Port
    $listener.Stop()
}

function Wait-Port {
    <# .SYNOPSIS Returns when something listens on a port. #>
    param([int] $Port, [string] $Log)
    $patience = [Diagnostics.Stopwatch]::StartNew()
    while ($patience.Elapsed.TotalSeconds -lt 60) {
        try { [Net.Sockets.TcpClient]::new('127.0.0.1', $Port).Dispose(); return } catch { Start-Sleep -Milliseconds 50 }
    }

    throw "Nothing listens on port $Port after a minute: $(Get-Content $Log -Raw -ErrorAction Ignore)"
}

function Start-Background {
    <# .SYNOPSIS Starts a program whose output goes to a file. #>
    param([string] $Program, [string[]] $Arguments, [string] $Log)
    Start-Process $Program $Arguments -RedirectStandardOutput $Log -RedirectStandardError "$Log.errors" -PassThru
}

function Start-RedisServer {
    <# .SYNOPSIS A blue Redis in a folder. #>
    param([string] $Server, [string] $Folder, [int] $Port)
    Set-Content "$Folder/blue/server.conf" "port $Port", 'bind 127.0.0.1', "dir $Folder/blue", 'save ""', 'repl-diskless-sync-delay 0'
    $null = Start-Background -Program $Server -Arguments "$Folder/blue/server.conf" -Log "$Folder/blue.log"
    Wait-Port $Port "$Folder/blue.log"
}

function Start-GarnetServer {
    <# .SYNOPSIS The blue Garnet of a service file: in cluster mode and with its users, as the product brings up its own. #>
    param([string] $File)
    $module = (Get-Command Get-StatefulCluster).ImplementingType.Assembly
    $platform = $module.GetType('StatefulDeploy.Cmdlets.Loading.Product').GetProperty('Platform').GetValue($null)
    $engine = $platform.Engines.Where({ $_.Name -eq 'garnet' })[0]
    $service = $platform.ReadService($File)
    $context = [StatefulDeploy.Contracts.EngineContext] @{
        Service    = $service
        Source     = $service.Blue
        Target     = [StatefulDeploy.Model.ClusterLayout]::new('Green', '', [StatefulDeploy.Model.Shard[]] @())
        UpgradeId  = 'blue'
        Hosts      = $platform.CreateHosts($service)
        Secrets    = $platform.CreateSecrets($service)
        OwnProgram = $platform.OwnProgram
        Reporter   = [Activator]::CreateInstance($module.GetType('StatefulDeploy.Cmdlets.Bridge.ReportQueue'), $true)
    }
    $null = $engine.GetType()::BringUpSourceAsync($context, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
}

function Start-TestService {
    <# .SYNOPSIS A real service in a folder: blue, the gateway before it, and the file that describes them. #>
    param([string] $Engine, [string] $From, [string] $To, [string] $Folder, [string] $More = '')
    $null = New-Item "$Folder/blue", "$Folder/run" -ItemType Directory -Force
    $blue = Get-FreePort
    $port = Get-FreePort
    $configuration = if ($Engine -eq 'redis') { ', configFile: ./blue/server.conf' }
    Set-Content "$Folder/orders.yaml" @"
name: orders
engine: $Engine
version: "$From"
nodes:
  - { name: blue-1, endpoint: "127.0.0.1:$blue", dataDirectory: ./blue$configuration }
router: { kind: gateway, listen: "127.0.0.1:$port", admin: ./run/gateway.sock }
software:
  "$From": { server: $(Find-Server "$Engine $From") }
  "$To": { server: $(Find-Server "$Engine $To") }
green: { version: "$To", dataRoot: ./green }
limits: { soak: 1s }
state: ./state
guard: ./guard
$More
"@
    if ($Engine -eq 'redis') { Start-RedisServer -Server (Find-Server "$Engine $From") -Folder $Folder -Port $blue } else { Start-GarnetServer "$Folder/orders.yaml" }
    $null = Start-Background -Program dotnet -Arguments @('exec', "$root/module/bin/deps/statefuldeploy.dll", 'gateway', "$Folder/orders.yaml") -Log "$Folder/gateway.log"
    Wait-Port $port "$Folder/gateway.log.errors"
    [pscustomobject]@{ File = "$Folder/orders.yaml"; Port = $port; Folder = $Folder }
}

function Stop-TestService {
    <# .SYNOPSIS Ends whatever was started in the folder of a service: blue and green, the gateway, the guard's processes. #>
    param($Service)
    if (-not $Service) { return }
    foreach ($process in Get-ChildItem /proc -Directory | Where-Object Name -Match '^\d+$') {
        $line = try { [IO.File]::ReadAllText("$($process.FullName)/cmdline") } catch { '' }
        # A Redis rewrites its command line, and works in its folder.
        $place = "$((Get-Item -LiteralPath "$($process.FullName)/cwd" -Force -ErrorAction Ignore).LinkTarget)"
        if ($process.Name -ne $PID -and ($line.Contains($Service.Folder) -or $place.StartsWith("$($Service.Folder)/"))) { Stop-Process -Id $process.Name -Force -ErrorAction Ignore }
    }
}

function Start-Writer {
    <# .SYNOPSIS A client that writes through the gateway and remembers what was acknowledged. #>
    param($Service)
    if (-not ('StatefulDeploy.Tests.Writer' -as [type])) {
        Add-Type -Path "$root/tests/Pester/support/Writer.cs" -CompilerOptions '-nullable:enable' -IgnoreWarnings -WarningAction SilentlyContinue
    }

    [StatefulDeploy.Tests.Writer]::new('127.0.0.1', $Service.Port)
}

function Start-ShardedService {
    <# .SYNOPSIS A real Redis of several shards in a folder: a blue and a gateway for each, and the file that describes them. #>
    param([string[]] $Shard, [string] $Folder)
    $null = New-Item $Folder -ItemType Directory -Force
    $parts = foreach ($name in $Shard) {
        $null = New-Item "$Folder/$name/blue" -ItemType Directory -Force
        [pscustomobject]@{ Name = $name; Blue = Get-FreePort; Port = Get-FreePort; Green = Get-FreePort }
    }

    Set-Content "$Folder/sharded.yaml" @"
name: orders
engine: redis
version: "7.0"
dataClass: cold
dataClasses:
  cold: { hotReplicas: 0, coldCopies: 1, retention: 1d }
shards:
$($parts.ForEach({ "  - { name: $($_.Name), nodes: [{ name: $($_.Name)-1, endpoint: `"127.0.0.1:$($_.Blue)`", configFile: ./$($_.Name)/blue/server.conf }], router: { kind: gateway, listen: `"127.0.0.1:$($_.Port)`", admin: ./$($_.Name)/gateway.sock } }" }) -join "`n")
green:
  version: "8.0"
  dataRoot: ./green
  shards:
$($parts.ForEach({ "    - { name: $($_.Name), nodes: [{ name: $($_.Name)-2, endpoint: `"127.0.0.1:$($_.Green)`" }] }" }) -join "`n")
software:
  "7.0": { server: $(Find-Server 'redis 7.0') }
  "8.0": { server: $(Find-Server 'redis 8.0') }
limits: { soak: 1s }
state: ./state
guard: ./guard
"@
    foreach ($part in $parts) {
        Start-RedisServer -Server (Find-Server 'redis 7.0') -Folder "$Folder/$($part.Name)" -Port $part.Blue
        $null = Start-Background -Program dotnet -Arguments @('exec', "$root/module/bin/deps/statefuldeploy.dll", 'gateway', "$Folder/sharded.yaml#$($part.Name)") -Log "$Folder/$($part.Name)/gateway.log"
        Wait-Port $part.Port "$Folder/$($part.Name)/gateway.log.errors"
    }

    [pscustomobject]@{ File = "$Folder/sharded.yaml"; Shards = $parts; Folder = $Folder }
}
