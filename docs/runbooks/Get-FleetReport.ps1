<#
.SYNOPSIS
Reports the containers, images and disk usage of several daemons, one object for each daemon.
.DESCRIPTION
The daemons are those of open sessions, on this machine or over SSH (Connect-CtrSession -HostName). For a daemon that does not answer, the object contains the error.
.EXAMPLE
'web1', 'web2' | ForEach-Object { Connect-CtrSession -HostName "root@$_" -Name $_ }; ./Get-FleetReport.ps1 -Session (Get-CtrSession)
#>
#requires -Modules Containerd
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    # The sessions.
    [Parameter(Mandatory)] [Containerd.CtrSession[]] $Session
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
foreach ($one in $Session) {
    $row = [ordered]@{ Session = $one.Name; Version = $null; Containers = $null; Running = $null; Images = $null; Storage = $null; Reclaimable = $null; Error = $null }
    try {
        $row.Version = (Get-CtrVersion -Session $one).Version
        $row.Containers = @(Get-CtrContainer -Session $one).Count
        $row.Running = @(Get-CtrTask -Session $one -Status Running).Count
        $row.Images = @(Get-CtrImage -Session $one).Count
        # Images is another view of the space that content and snapshots use.
        $usage = @(Measure-CtrStorage -Session $one | Where-Object Kind -ne Images)
        $row.Storage = [long]($usage | Measure-Object Size -Sum).Sum
        $row.Reclaimable = [long]($usage | Measure-Object Reclaimable -Sum).Sum
    }
    catch {
        $row.Error = "$_"
    }

    [pscustomobject]$row
}
