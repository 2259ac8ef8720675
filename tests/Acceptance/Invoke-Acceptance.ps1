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

    # A file to which the names of flaky tests are appended.
    [string] $FlakyPath,

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

# Returns the failures of one file. A failure outside of a test counts too, unless it made the tests of its block fail.
function Measure-Failure($Container) {
    $broken = @($Container; Get-FailedBlock $Container) | Where-Object { $_.ErrorRecord -and $_.FailedCount -eq 0 }
    $Container.FailedCount + @($broken).Count
}

function Get-FailedBlock($Block) {
    foreach ($inner in $Block.Blocks) {
        if ($inner.ErrorRecord) { $inner }
        Get-FailedBlock $inner
    }
}

$result = Invoke-Pester -Path $Path -Output $Output -PassThru
$passed = $result.PassedCount
$failed = 0
$failing = @($result.Containers | Where-Object { (Measure-Failure $_) -gt 0 })
foreach ($container in $failing) {
    $count = Measure-Failure $container
    # A file that fails is run again alone. If many files fail, they have a common cause that another run does not remove.
    if ($failing.Count -le 5) {
        "Running $(Split-Path $container.Item -Leaf) once more by itself …"
        $again = Invoke-Pester -Path $container.Item -Output $Output -PassThru
        if ($again.PassedCount -gt 0 -and -not ($again.Containers | Where-Object { (Measure-Failure $_) -gt 0 })) {
            $passed += $count
            $names = @($result.Failed | Where-Object { $_.ScriptBlock.File -eq "$($container.Item)" } | ForEach-Object ExpandedPath)
            if (-not $names) { $names = @(Split-Path $container.Item -Leaf) }
            if ($FlakyPath) { $names | ForEach-Object { "Flaky: $_ failed, and passed by itself." } | Add-Content $FlakyPath }
            continue
        }
    }
    $failed += $count
}

# The reason of each skipped test. A test that is skipped without a reason is a missing test.
foreach ($test in $result.Skipped) {
    $reason = "$($test.ErrorRecord | Select-Object -First 1)" -replace '^is skipped(, because )?'
    "Skipped: $($test.ExpandedPath): $(if ($reason) { $reason } else { 'its block was skipped as a whole' })."
}

if ($ReportPath) { "$passed $failed $($result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount)" > $ReportPath }
exit [int]($failed -gt 0 -or $passed -eq 0)
