#requires -Version 7.4
<#
.SYNOPSIS
Shows a private containerd, an image, a container, an exec and a log, and removes all of them.
.DESCRIPTION
Run it with './build.sh demo' or './build.ps1 Demo': it requires root, and Debian's containerd, runc and busybox-static, which these commands install.
#>
$ErrorActionPreference = 'Stop'
Import-Module Containerd

# Shows a command as a user would type it, and then its output.
function Step([scriptblock] $Code) {
    $Host.UI.WriteLine('')
    $Host.UI.WriteLine("PS> $("$Code".Trim())")
    & $Code | Out-Default
}

$tar = [IO.Path]::Combine([IO.Path]::GetTempPath(), "containerd-demo-$PID.tar")
bash "$PSScriptRoot/../tests/fixture/make-image.sh" $tar docker.io/library/busybox:demo
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

try {
    Step { Start-CtrDaemon demo }
    Step { Get-CtrDaemon demo | Connect-CtrSession -Namespace demo }
    Step { Import-CtrImage -Path $tar }
    Step { New-CtrContainer web -Image docker.io/library/busybox:demo -Command sh, -c, 'trap "exit 0" TERM; i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.2; done' }
    Step { Start-CtrTask web }
    Step { Invoke-CtrExec web -- sh -c 'echo "I am $(id -un) on $(uname -s), and my processes are:"; ps' }
    Step { Get-CtrTask }
    Step { Get-CtrLog web }
    Step { Stop-CtrTask web }
    Step { Remove-CtrContainer web -Force }
    Step { Stop-CtrDaemon demo }
    Step { Get-CtrDaemon }
}
finally {
    [IO.File]::Delete($tar)
    Get-CtrDaemon | Where-Object Name -eq demo | Stop-CtrDaemon -Force
}
