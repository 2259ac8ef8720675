# What Invoke-ScriptAnalyzer checks in this repository's scripts; editors find it here by its name.
@{
    Severity            = @('Error', 'Warning', 'Information')
    IncludeDefaultRules = $true

    ExcludeRules        = @(
        # Pester's blocks share variables that the analyzer cannot follow from BeforeAll into It.
        'PSUseDeclaredVarsMoreThanAssignments'
        # The demo is a show: what it tells is for the screen.
        'PSAvoidUsingWriteHost'
        # PowerShell 7 reads and writes UTF-8 without a mark.
        'PSUseBOMForUnicodeEncodedFile'
    )

    Rules               = @{
        PSUseCompatibleSyntax      = @{ Enable = $true; TargetVersions = @('7.4') }
        PSUseConsistentIndentation = @{ Enable = $true; Kind = 'space'; IndentationSize = 4 }
        # A command's word may hold a comma: printf 1,5p.
        PSUseConsistentWhitespace  = @{ Enable = $true; CheckSeparator = $false }
        # But for the module's own, which the tests use on purpose.
        PSAvoidUsingCmdletAliases  = @{ Enable = $true; allowlist = @('Connect-Ctr', 'Pull-CtrImage', 'Push-CtrImage') }
        # Commands are left out: it would have Where-Object's -eq written as -EQ.
        PSUseCorrectCasing         = @{ Enable = $true; CheckCommands = $false }
    }
}
