<#
.SYNOPSIS
Removes images that no container uses and that are old, on one daemon or on many, and says what that freed.
.EXAMPLE
./Clear-OldImage.ps1 -OlderThan 168h -WhatIf
.EXAMPLE
./Clear-OldImage.ps1 -OlderThan 168h -Session (Get-CtrSession prod*) -Confirm:$false
#>
#requires -Modules Containerd
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
[OutputType([pscustomobject])]
param(
    # How old an image has to be: 168h, 30m.
    [Parameter(Mandatory)] [Containerd.CtrDuration] $OlderThan,

    # Images with one of these labels stay.
    [hashtable] $Keep = @{ keep = 'true' },

    # The daemons; without it the default session's.
    [Containerd.CtrSession[]] $Session = @(Get-CtrVersion).Session
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
foreach ($one in $Session) {
    if (-not $PSCmdlet.ShouldProcess("$one", "Remove unused images older than $OlderThan")) { continue }
    try {
        $done = Clear-CtrImage -OlderThan $OlderThan -ExceptLabel $Keep -Session $one -Confirm:$false
        [pscustomobject]@{ Session = $one.Name; Removed = @($done.Removed).Count; Freed = $done.Freed; Error = $null }
    }
    catch {
        # The other daemons are cleaned all the same.
        [pscustomobject]@{ Session = $one.Name; Removed = 0; Freed = 0; Error = "$_" }
    }
}
