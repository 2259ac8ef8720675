@{
    RootModule           = 'Containerd.PowerShell.dll'
    ModuleVersion        = '0.6.0'
    GUID                 = '6f6c0c8e-5d0e-4a53-9b1a-2f6b7f1d8a44'
    Author               = 'The Containerd for PowerShell authors'
    CompanyName          = 'The Containerd for PowerShell authors'
    Copyright            = '(c) 2026 The Containerd for PowerShell authors. MIT License.'
    Description          = 'Drives containerd over its gRPC API: containers, tasks, execs, images and events as PowerShell objects.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    # Types name converters, which have to be loaded before.
    RequiredAssemblies   = @('Containerd.dll', 'Containerd.PowerShell.dll')
    # The build fills in the lists of formats, types, cmdlets and aliases.
    FormatsToProcess     = @()
    TypesToProcess       = @()
    FunctionsToExport    = @()
    VariablesToExport    = @()
    CmdletsToExport      = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            ProjectUri   = 'https://github.com/containerd-powershell/containerd-powershell'
            LicenseUri   = 'https://github.com/containerd-powershell/containerd-powershell/blob/main/LICENSE'
            ReleaseNotes = 'https://github.com/containerd-powershell/containerd-powershell/blob/main/CHANGELOG.md'
            Tags         = @('containerd', 'container', 'runc', 'oci', 'grpc', 'PSEdition_Core', 'Linux', 'Windows', 'MacOS')
        }
    }
}
