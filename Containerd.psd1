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
        'Containerd.Daemon.Format.ps1xml'
        'Containerd.Image.Format.ps1xml'
    )
    TypesToProcess       = @()
    FunctionsToExport    = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Connect-CtrSession'
        'Disconnect-CtrSession'
        'Get-CtrDaemon'
        'Get-CtrImage'
        'Get-CtrInfo'
        'Get-CtrSession'
        'Get-CtrVersion'
        'Import-CtrImage'
        'Remove-CtrImage'
        'Start-CtrDaemon'
        'Stop-CtrDaemon'
    )
    AliasesToExport      = @('Connect-Ctr')
    PrivateData          = @{
        PSData = @{
            Tags       = @('containerd', 'container', 'runc', 'oci', 'grpc', 'PSEdition_Core', 'Linux', 'Windows', 'MacOS')
        }
    }
}
