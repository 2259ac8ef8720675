<#
.SYNOPSIS
Starts a new container beside the old one, and stops the old one only after the new one is healthy.
.DESCRIPTION
The new container is created from the specified image, with the command line of the old one unless you specify another. Specify its other settings (mounts, limits, labels) with -With.
If the check fails, the new container is removed and the old one keeps running unchanged.
The published ports of the old container move to the new one, which is in the same networks: no connection is refused, and the old one is stopped when it has no connections any more.
.EXAMPLE
./Switch-BlueGreen.ps1 -Blue web-1 -Green web-2 -Image registry.example.com/team/web:2 -Check wget, -qO-, http://127.0.0.1/health
#>
#requires -Modules Containerd
[CmdletBinding(SupportsShouldProcess)]
[OutputType([Containerd.CtrTask])]
param(
    # The current container.
    [Parameter(Mandatory)] [string] $Blue,

    # The id of the new container.
    [Parameter(Mandatory)] [string] $Green,

    # The image of the new container.
    [Parameter(Mandatory)] [string] $Image,

    # A command that runs in the new container and exits with 0 if the container is healthy.
    [Parameter(Mandatory)] [string[]] $Check,

    # The complete command line of the new container. The default is that of the old one.
    [string[]] $Command,

    # Additional parameters of New-CtrContainer, such as @{ Memory = '64m'; Label = @{ tier = 'front' } }.
    [hashtable] $With = @{},

    # The time in seconds after which the old container is stopped although it has connections.
    [ValidateRange(0, 3600)] [int] $DrainSeconds = 30,

    # The number of checks, one second apart, before the switch fails.
    [ValidateRange(1, 3600)] [int] $Try = 30
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$old = Get-CtrContainer $Blue
if (-not $Command) { $Command = $old.Spec.Process.Args }
if (-not $PSCmdlet.ShouldProcess("$Blue -> $Green ($Image)", 'Switch')) { return }

if ($old.Ports -and -not $With.ContainsKey('Network')) { $With = $With + @{ Network = $old.Networks.Network } }

# Without an entrypoint: the command line already includes one, and the image's would be put before it.
$null = New-CtrContainer $Green -Image $Image -Entrypoint '' -Command $Command @With
try {
    $task = Start-CtrTask $Green
    $well = $false
    foreach ($attempt in 1..$Try) {
        if ((Get-CtrTask $Green).Status -ne 'Running') { throw "'$Green' has ended by itself: $(Get-CtrLog $Green -Tail 5)" }
        $result = Invoke-CtrExec $Green -Command $Check -PassThru -Timeout 10s
        $well = $result.ExitCode -eq 0
        if ($well) { break }
        Write-Verbose "Check $attempt of ${Try}: $($result.Output)"
        Start-Sleep -Seconds 1
    }

    if (-not $well) { throw "'$Green' is not well after $Try checks." }
}
catch {
    Remove-CtrContainer $Green -Force
    throw
}

if ($old.Ports) {
    try { Move-CtrPort $Blue $Green }
    catch {
        Remove-CtrContainer $Green -Force
        throw
    }

    # New connections reach the new container; those that exist end by themselves. These are the states of connections in the kernel's tables that may still carry an answer: established, being established, and closed by one side.
    $tables = "/proc/$((Get-CtrTask $Blue).Pid)/net/tcp", "/proc/$((Get-CtrTask $Blue).Pid)/net/tcp6"
    $end = [datetime]::UtcNow.AddSeconds($DrainSeconds)
    while ([datetime]::UtcNow -lt $end -and (Get-Content $tables -ErrorAction Ignore | Where-Object { ($_ -split '\s+')[4] -in '01', '03', '04', '08', '09' })) { Start-Sleep -Milliseconds 100 }
}

$null = Stop-CtrTask $Blue
$task
