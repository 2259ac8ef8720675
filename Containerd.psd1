@{
    RootModule           = 'Containerd.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f6c0c8e-5d0e-4a53-9b1a-2f6b7f1d8a44'
    Author               = 'The Containerd for PowerShell authors'
    CompanyName          = 'The Containerd for PowerShell authors'
    Copyright            = '(c) 2026 The Containerd for PowerShell authors. MIT License.'
    Description          = 'Drives containerd over its gRPC API: containers, tasks, execs, images and events as PowerShell objects.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @(
        'Containerd.Checkpoint.Format.ps1xml'
        'Containerd.Container.Format.ps1xml'
        'Containerd.Daemon.Format.ps1xml'
        'Containerd.Event.Format.ps1xml'
        'Containerd.Image.Format.ps1xml'
        'Containerd.Session.Format.ps1xml'
        'Containerd.Stats.Format.ps1xml'
        'Containerd.Task.Format.ps1xml'
    )
    TypesToProcess       = @('Containerd.Types.ps1xml')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Checkpoint-CtrTask'
        'Close-CtrStdin'
        'Connect-CtrSession'
        'Connect-CtrTask'
        'Disconnect-CtrSession'
        'Get-CtrContainer'
        'Get-CtrDaemon'
        'Get-CtrImage'
        'Get-CtrInfo'
        'Get-CtrLog'
        'Get-CtrProcess'
        'Get-CtrSession'
        'Get-CtrStats'
        'Get-CtrTask'
        'Get-CtrVersion'
        'Import-CtrImage'
        'Invoke-CtrContainer'
        'Invoke-CtrExec'
        'New-CtrContainer'
        'New-CtrSpec'
        'New-CtrTask'
        'Register-CtrEvent'
        'Remove-CtrContainer'
        'Remove-CtrImage'
        'Remove-CtrTask'
        'Resize-CtrTerminal'
        'Restore-CtrContainer'
        'Resume-CtrTask'
        'Send-CtrInput'
        'Send-CtrSignal'
        'Set-CtrContainer'
        'Show-CtrStats'
        'Start-CtrDaemon'
        'Start-CtrExec'
        'Start-CtrTask'
        'Stop-CtrDaemon'
        'Stop-CtrTask'
        'Suspend-CtrTask'
        'Update-CtrTask'
        'Wait-CtrTask'
        'Watch-CtrEvent'
    )
    AliasesToExport      = @('Connect-Ctr')
    PrivateData          = @{
        PSData = @{
            Tags       = @('containerd', 'container', 'runc', 'oci', 'grpc', 'PSEdition_Core', 'Linux', 'Windows', 'MacOS')
        }
    }
}
