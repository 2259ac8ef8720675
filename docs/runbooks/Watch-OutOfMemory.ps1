<#
.SYNOPSIS
Drains containers that ran out of memory, and restarts them.
.DESCRIPTION
Waits for events of containers with a label. When a container runs out of memory, the script sets its label drain=oom, which a load balancer can check, stops it, starts it
again, and removes the label. If a container cannot be started again, the script reports an error and continues to watch the others.
.EXAMPLE
./Watch-OutOfMemory.ps1 -Label @{ tier = 'front' }
.EXAMPLE
./Watch-OutOfMemory.ps1 -Label @{ tier = 'front' } -MaxCount 1 -Timeout 1h
#>
#requires -Modules Containerd
[CmdletBinding(SupportsShouldProcess)]
[OutputType([pscustomobject])]
param(
    # The labels of the containers to watch.
    [Parameter(Mandatory)] [hashtable] $Label,

    # The number of events after which the script ends. By default, there is no limit.
    [int] $MaxCount,

    # The time after which the script ends. By default, there is no limit.
    [string] $Timeout
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$limits = @{}
if ($MaxCount) { $limits.MaxCount = $MaxCount }
if ($Timeout) { $limits.Timeout = $Timeout }
$started = @{}
Watch-CtrEvent -EventType Oom -Label $Label @limits | ForEach-Object {
    $happened = $_
    $id = $happened.ContainerId
    # Several processes of a container may have run out of memory before it was started again.
    if ($started[$id] -gt $happened.Timestamp) { return }
    if (-not $PSCmdlet.ShouldProcess($id, 'Drain and start again')) { return }
    $place = @{}
    if ($happened.Session) { $place = @{ Session = $happened.Session; Namespace = $happened.Namespace } }
    try {
        Set-CtrContainer $id -Label @{ drain = 'oom' } @place
        try {
            $exit = Stop-CtrTask $id @place
            $task = Start-CtrTask $id @place
            $started[$id] = [datetime]::Now
        }
        finally { Set-CtrContainer $id -Label @{ drain = $null } @place }
        [pscustomobject]@{ ContainerId = $id; RanOutAt = $happened.Timestamp; ExitCode = $exit.ExitCode; Pid = $task.Pid }
    }
    catch { Write-Error -ErrorRecord $_ -ErrorAction Continue }
}
