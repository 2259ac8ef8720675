<#
.SYNOPSIS
Drains a container that ran out of memory, and starts it again.
.DESCRIPTION
Waits for events of containers with a label. One that ran out of memory is marked with the label drain=oom, which a load balancer may look at, stopped, started
again, and unmarked.
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

    # Ends after so many; without it, never.
    [int] $MaxCount,

    # Ends after this time; without it, never.
    [string] $Timeout
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$limits = @{}
if ($MaxCount) { $limits.MaxCount = $MaxCount }
if ($Timeout) { $limits.Timeout = $Timeout }
Watch-CtrEvent -EventType Oom -Label $Label @limits | ForEach-Object {
    $id = $_.ContainerId
    if (-not $PSCmdlet.ShouldProcess($id, 'Drain and start again')) { return }
    Set-CtrContainer $id -Label @{ drain = 'oom' }
    $exit = Stop-CtrTask $id
    $task = Start-CtrTask $id
    Set-CtrContainer $id -Label @{ drain = $null }
    [pscustomobject]@{ ContainerId = $id; RanOutAt = $_.Timestamp; ExitCode = $exit.ExitCode; Pid = $task.Pid }
}
