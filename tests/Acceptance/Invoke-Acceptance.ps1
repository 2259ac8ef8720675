<#
.SYNOPSIS
Runs the acceptance suite with Pester 5 or 6.
.DESCRIPTION
Without Pester it says so and does nothing. Ends with 0 when all tests passed and with 1 when not; a file that cannot be read or set up counts as a failure.
.EXAMPLE
./build.ps1 Build; ./tests/Acceptance/Invoke-Acceptance.ps1
.EXAMPLE
./tests/Acceptance/Invoke-Acceptance.ps1 -Path ./tests/Acceptance/Exec.Tests.ps1 -Output Detailed
#>
[CmdletBinding()]
param(
    # A file or folder of tests.
    [string] $Path = $PSScriptRoot,

    # A file to write the totals to: passed, failed, skipped.
    [string] $ReportPath,

    [ValidateSet('Normal', 'Detailed', 'Diagnostic')]
    [string] $Output = 'Normal'
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module Pester)) {
    $pester = Get-Module Pester -ListAvailable | Where-Object Version -GE ([version] '5.0') | Sort-Object Version | Select-Object -Last 1
    if (-not $pester) {
        'The acceptance suite was not run: this machine has no Pester 5 or later.'
        if ($ReportPath) { '0 0 0' > $ReportPath }
        exit 0
    }

    Import-Module $pester
}

$result = Invoke-Pester -Path $Path -Output $Output -PassThru

# What failed outside of a test counts too, unless it took its tests with it.
$broken = @($result.Containers; $result.FailedBlocks) | Where-Object { $_.ErrorRecord -and $_.FailedCount -eq 0 }
$failed = $result.FailedCount + @($broken).Count
if ($ReportPath) { "$($result.PassedCount) $failed $($result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount)" > $ReportPath }
exit [int]($failed -gt 0 -or $result.PassedCount -eq 0)
