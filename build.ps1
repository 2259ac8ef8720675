#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests and runs the module.
.EXAMPLE
./build.ps1 Test
.EXAMPLE
./build.ps1 New-Cmdlet Get Network
Writes the files of a new cmdlet, Get-CtrNetwork.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Package', 'Clean', 'New-Cmdlet')]
    [string] $Task = 'Build',

    [Parameter(Position = 1, ValueFromRemainingArguments)]
    [string[]] $Argument = @()
)

$ErrorActionPreference = 'Stop'
switch ($Task) {
    'Build' { dotnet publish "$PSScriptRoot/src/Containerd.PowerShell" -c Release }
    'Package' {
        if (Test-Path "$PSScriptRoot/out/packages") { Remove-Item "$PSScriptRoot/out/packages" -Recurse }
        # The module, which Install-PSResource takes from a folder, and the libraries for C#.
        foreach ($project in 'Containerd.PowerShell', 'Containerd.Client', 'Containerd.Oci', 'Containerd.Host', 'Containerd') {
            dotnet pack "$PSScriptRoot/src/$project" -c Release
            if ($LASTEXITCODE -ne 0) { break }
        }
    }
    'New-Cmdlet' { dotnet run --project "$PSScriptRoot/src/Tools/Containerd.Scaffold" -c Release -- $PSScriptRoot @Argument }
    default {
        if (-not $IsLinux) { throw "'$Task' runs a private containerd and so needs Linux." }
        bash "$PSScriptRoot/build.sh" $Task.ToLowerInvariant() @Argument
    }
}

exit $LASTEXITCODE
