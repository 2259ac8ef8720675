# What Invoke-ScriptAnalyzer checks in this repository's scripts; editors find it here by its name.
@{
    Severity            = @('Error', 'Warning', 'Information')
    IncludeDefaultRules = $true

    ExcludeRules        = @(
        # Pester's blocks share variables that the analyzer cannot follow from BeforeAll into It.
        'PSUseDeclaredVarsMoreThanAssignments'
        # The demo is a show: what it tells is for the screen.
        'PSAvoidUsingWriteHost'
    )

    Rules               = @{
        PSUseCompatibleSyntax      = @{ Enable = $true; TargetVersions = @('7.4') }
        PSUseConsistentIndentation = @{ Enable = $true; Kind = 'space'; IndentationSize = 4 }
        PSUseConsistentWhitespace  = @{ Enable = $true }
        PSAvoidUsingCmdletAliases  = @{ Enable = $true }
        PSUseCorrectCasing         = @{ Enable = $true }
    }
}
