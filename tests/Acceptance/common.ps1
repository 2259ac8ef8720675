# The fixture of each file of this suite: the built module, a private daemon, and an image in it. A file contains
#
#     BeforeAll { . "$PSScriptRoot/common.ps1" }
#     AfterAll { Close-Fixture }
#
# and can use $name (the unique name of the daemon and of the namespace), $daemon, $session (the default session), $image, $tar (the archive of the
# image) and $forever (a command that runs until it receives a stop signal). Close-Fixture removes everything, and fails if something remains.

# Returns what the daemons of this file, or this PowerShell, still have on this machine.
function Get-Leftover {
    foreach ($process in Get-ChildItem /proc -Directory | Where-Object Name -match '^\d+$') {
        $about = foreach ($file in 'cmdline', 'cgroup') { try { [IO.File]::ReadAllText("$process/$file") } catch { Write-Verbose "It has ended: $_" } }
        if ("$about" -match $name) { "process $($process.Name): $($about[0] -replace "`0", ' ')" }
    }
    Select-String -Path /proc/self/mountinfo -Pattern $name -SimpleMatch -Raw
    foreach ($place in "/run/containerd-powershell/daemons/$name*", "/run/containerd-powershell/stdio/$PID-*", "/run/containerd/runc/$name*", "/sys/fs/cgroup/*/$name*", "$temp/*") {
        # A killed .NET process leaves the sockets of its debugger behind.
        Get-ChildItem $place -Force -ErrorAction Ignore | Where-Object Name -NotMatch '^(clr-debug-pipe|dotnet-diagnostic|CoreFxPipe_)' | ForEach-Object FullName
    }
}

# Runs a script in another runspace of this process: as a thread job if that module is available, or else with ForEach-Object -Parallel.
function Invoke-Aside([scriptblock] $Script) {
    if (Get-Command Start-ThreadJob -ErrorAction Ignore) { Start-ThreadJob $Script }
    else { $null | ForEach-Object -AsJob -Parallel $Script }
}

# Returns the verbose messages of such a job so far.
function Get-Said($Job) { @($Job) + $Job.ChildJobs | ForEach-Object { $_.Verbose } }

function Close-Fixture {
    if (-not (Get-Module Containerd)) { return }
    Get-CtrSession | Disconnect-CtrSession
    Get-CtrDaemon "$name*" | Stop-CtrDaemon -Force
    foreach ($variable in $before.GetEnumerator()) { [Environment]::SetEnvironmentVariable($variable.Key, $variable.Value) }
    Remove-Item "$temp/image" -Recurse
    $left = Get-Leftover
    Remove-Item $temp -Recurse -Force
    if ($left) { throw "This was left behind:`n$($left -join "`n")" }
}

# Waits until a condition is true.
function Wait-Until([scriptblock] $Condition, [double] $Seconds = 10) {
    $deadline = [datetime]::Now.AddSeconds($Seconds)
    while (-not (& $Condition)) {
        if ([datetime]::Now -gt $deadline) { throw "This was not so within $Seconds seconds: $Condition" }
        Start-Sleep -Milliseconds 50
    }
}

# Starts a registry for this file: Debian's docker-registry on the loopback address, which requires credentials with -Basic.
function Open-Registry([switch] $Basic) {
    $folder = (New-Item -ItemType Directory "$temp/registry-$([guid]::NewGuid().ToString('N').Substring(0, 8))").FullName
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $port = $listener.LocalEndpoint.Port
    $listener.Stop()
    $auth = if ($Basic) {
        htpasswd -Bbn tester secret > "$folder/htpasswd"
        "auth: { htpasswd: { realm: test, path: $folder/htpasswd } }"
    }
    "version: 0.1`nstorage: { filesystem: { rootdirectory: $folder/data } }`nhttp: { addr: '127.0.0.1:$port' }`n$auth" > "$folder/config.yml"
    $process = Start-Process docker-registry -ArgumentList serve, "$folder/config.yml" -PassThru -RedirectStandardOutput "$folder/out" -RedirectStandardError "$folder/err"
    Wait-Until { try { [Net.Sockets.TcpClient]::new('127.0.0.1', $port).Dispose(); $true } catch { $process.HasExited -and (throw (Get-Content "$folder/err")) } }
    [pscustomobject]@{ Host = "localhost:$port"; Process = $process }
}

# Returns the credentials for such a registry.
function Get-Login {
    $secret = [securestring]::new()
    'secret'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
    [pscredential]::new('tester', $secret)
}

# The data of a registry is not in TestDrive, because Pester empties TestDrive after each block.
function Close-Registry {
    $input | Where-Object { $_ } | ForEach-Object { $_.Process.Kill(); $_.Process.WaitForExit() }
    Remove-Item "$temp/registry-*" -Recurse -ErrorAction Ignore
}

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$repository = Split-Path (Split-Path $PSScriptRoot)
$manifest = "$repository/out/Containerd/Containerd.psd1"
if (-not (Test-Path $manifest)) { throw "The module is not built: run ./build.sh build" }
Import-Module $manifest -Force

$name = "accept-$([guid]::NewGuid().ToString('N').Substring(0, 8))"
$image = 'docker.io/library/busybox:test'
$forever = 'sh', '-c', 'trap "exit 0" TERM; echo ready; while :; do sleep 0.1; done'

# Temporary files are in a folder of this file, so that files that were not removed are found at the end.
$before = @{ TMPDIR = $env:TMPDIR; CONTAINERD_ADDRESS = $env:CONTAINERD_ADDRESS; CONTAINERD_NAMESPACE = $env:CONTAINERD_NAMESPACE }
$temp = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) $name)).FullName
$env:TMPDIR = $temp
$env:CONTAINERD_ADDRESS = $env:CONTAINERD_NAMESPACE = $null

$tar = Join-Path (New-Item -ItemType Directory "$temp/image") busybox.tar
bash "$repository/tests/fixture/make-image.sh" $tar $image
if ($LASTEXITCODE -ne 0) { throw 'The test image could not be made.' }

$daemon = Start-CtrDaemon $name
$session = $daemon | Connect-CtrSession -Name main -Namespace $name
$null = Import-CtrImage $tar
