#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests and runs the module.
.EXAMPLE
./build.ps1 Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Clean')]
    [string] $Task = 'Build',

    [Parameter(Position = 1, ValueFromRemainingArguments)]
    [string[]] $Argument = @()
)

$ErrorActionPreference = 'Stop'
switch ($Task) {
    'Build' { dotnet publish "$PSScriptRoot/src/Containerd.PowerShell" -c Release }
    default {
        if (-not $IsLinux) { throw "'$Task' runs a private containerd and so needs Linux." }
        bash "$PSScriptRoot/build.sh" $Task.ToLowerInvariant() @Argument
    }
}

exit $LASTEXITCODE
