<#
.SYNOPSIS
Runs a check with a timeout in containers, and reports which containers are healthy.
.EXAMPLE
./Test-Canary.ps1 canary-* -Check wget, -qO-, http://127.0.0.1/health -Timeout 5s
#>
#requires -Modules Containerd
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    # The containers, as an id or a wildcard.
    [Parameter(Mandatory, Position = 0)] [string] $Id,

    # The command. Exit code 0 means healthy.
    [Parameter(Mandatory)] [string[]] $Check,

    # The timeout for each container.
    [Containerd.CtrDuration] $Timeout = '10s',

    # The number of containers to check at a time.
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
