<#
.SYNOPSIS
Removes old images that no container uses, on one or more daemons, and reports the freed space.
.EXAMPLE
./Clear-OldImage.ps1 -OlderThan 168h -WhatIf
.EXAMPLE
./Clear-OldImage.ps1 -OlderThan 168h -Session (Get-CtrSession prod*) -Confirm:$false
#>
#requires -Modules Containerd
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
[OutputType([pscustomobject])]
param(
    # The minimum age of an image: 168h, 30m.
    [Parameter(Mandatory)] [Containerd.CtrDuration] $OlderThan,

    # Keeps images that have one of these labels.
    [hashtable] $Keep = @{ keep = 'true' },

    # The sessions of the daemons. The default is the default session.
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
        # Continue with the other daemons.
        [pscustomobject]@{ Session = $one.Name; Removed = 0; Freed = 0; Error = "$_" }
    }
}
