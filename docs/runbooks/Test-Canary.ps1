<#
.SYNOPSIS
Runs a check in containers, each within a time, and says which are well.
.EXAMPLE
./Test-Canary.ps1 canary-* -Check wget, -qO-, http://127.0.0.1/health -Timeout 5s
#>
#requires -Modules Containerd
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    # The containers, by wildcard.
    [Parameter(Mandatory, Position = 0)] [string] $Id,

    # The command; 0 is well.
    [Parameter(Mandatory)] [string[]] $Check,

    # How long it may take in each.
    [Containerd.CtrDuration] $Timeout = '10s',

    # How many are checked at a time.
    [ValidateRange(1, 1000)] [int] $ThrottleLimit = 8
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Get-CtrTask $Id -Status Running | Invoke-CtrExec -PassThru -Timeout $Timeout -ThrottleLimit $ThrottleLimit -ErrorAction Continue -- @Check | ForEach-Object {
    [pscustomobject]@{
        ContainerId = $_.ContainerId
        IsWell = $_.ExitCode -eq 0 -and -not $_.TimedOut
        Reason = if ($_.TimedOut) { "no answer within $Timeout" } elseif ($_.ExitCode -ne 0) { "exit code $($_.ExitCode)" } else { '' }
        Took = $_.Duration
    }
}
