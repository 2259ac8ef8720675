<#
.SYNOPSIS
Brings a new container up beside the old one, and stops the old one only when the new one is well.
.DESCRIPTION
The new container is made of the given image, with the old one's command line unless another is given; what else it is to have (mounts, limits, labels) is given by -With. When the check fails, the new container is removed and the old one
goes on as if nothing had been.
.EXAMPLE
./Switch-BlueGreen.ps1 -Blue web-1 -Green web-2 -Image registry.example.com/team/web:2 -Check wget, -qO-, http://127.0.0.1/health
#>
#requires -Modules Containerd
[CmdletBinding(SupportsShouldProcess)]
[OutputType([Containerd.CtrTask])]
param(
    # The container that serves now.
    [Parameter(Mandatory)] [string] $Blue,

    # The id of the new one.
    [Parameter(Mandatory)] [string] $Green,

    # What the new one is made of.
    [Parameter(Mandatory)] [string] $Image,

    # A command in the new container that ends with 0 when it is well.
    [Parameter(Mandatory)] [string[]] $Check,

    # Its whole command line; without it the old one's.
    [string[]] $Command,

    # Further parameters of New-CtrContainer, such as @{ Memory = '64m'; Label = @{ tier = 'front' } }.
    [hashtable] $With = @{},

    # How often the check may fail before the new one is given up, a second apart.
    [ValidateRange(1, 3600)] [int] $Try = 30
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$old = Get-CtrContainer $Blue
if (-not $Command) { $Command = $old.Spec.Process.Args }
if (-not $PSCmdlet.ShouldProcess("$Blue -> $Green ($Image)", 'Switch')) { return }

# Without an entrypoint: the image's own would come before what has one already.
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

$null = Stop-CtrTask $Blue
$task
