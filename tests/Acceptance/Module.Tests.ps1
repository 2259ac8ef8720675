BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'The module' {
    It 'has a sound manifest' {
        $tested = Test-ModuleManifest $manifest -WarningVariable warning -WarningAction SilentlyContinue
        $tested.Name | Should -Be Containerd
        $tested.CompatiblePSEditions | Should -Be Core
        $warning | Should -BeNullOrEmpty
    }

    It 'has the commands that its manifest lists, and no others' {
        $listed = Import-PowerShellDataFile $manifest
        (Get-Command -Module Containerd -CommandType Cmdlet).Name | Sort-Object | Should -Be ($listed.CmdletsToExport | Sort-Object)
        (Get-Command -Module Containerd -CommandType Alias).Name | Sort-Object | Should -Be ($listed.AliasesToExport | Sort-Object)
        Get-Command -Module Containerd -CommandType Function | Should -BeNullOrEmpty
    }

    It 'uses approved verbs, one prefix, and says what each command gives' {
        $verbs = (Get-Verb).Verb
        foreach ($command in Get-Command -Module Containerd -CommandType Cmdlet) {
            $command.Verb | Should -BeIn $verbs
            $command.Noun | Should -Match '^Ctr[A-Z]'
            $quiet = $command.Verb -in 'Remove', 'Dismount', 'Send', 'Stop', 'Disconnect', 'Close', 'Resize', 'Show', 'Enter'
            if (-not $quiet) { $command.OutputType | Should -Not -BeNullOrEmpty -Because $command.Name }
        }
    }

    It 'asks before it changes anything, wherever it changes something' {
        $reading = 'Get', 'Measure', 'Test', 'Wait', 'Watch', 'Register', 'Show', 'Connect'
        $making = 'New-CtrSpec'
        foreach ($command in Get-Command -Module Containerd -CommandType Cmdlet | Where-Object { $_.Verb -notin $reading -and $_.Name -notin $making }) {
            $command.Parameters.Keys | Should -Contain WhatIf -Because $command.Name
        }
    }
}

Describe 'Importing it again' {
    AfterAll { Import-Module $manifest -Force }

    It 'keeps commands, sessions and types with -Force' {
        1..2 | ForEach-Object { Import-Module $manifest -Force }
        (Get-CtrSession).Name | Should -Be main
        [Containerd.CtrSize]::Parse('1k').Bytes | Should -Be 1024
    }

    It 'works after Remove-Module' {
        Remove-Module Containerd
        Get-Command Get-CtrVersion -ErrorAction Ignore -ListImported | Should -BeNullOrEmpty
        Import-Module $manifest
        (Get-CtrVersion).Version | Should -Not -BeNullOrEmpty
    }

    It 'works in a runspace of its own' {
        $shell = [powershell]::Create().AddScript('param($manifest, $address) Import-Module $manifest; (Connect-CtrSession $address -Name inner).Version').AddArgument($manifest).AddArgument($daemon.Address)
        try { $shell.Invoke() | Should -Be $session.Version }
        finally { $shell.Dispose() }
        Get-CtrSession inner* | Disconnect-CtrSession
    }
}

Describe 'The scripts' {
    It 'have nothing that the analyzer minds' {
        if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
            Set-ItResult -Skipped -Because 'this machine does not have the module PSScriptAnalyzer'
        }
        $root = (Resolve-Path "$PSScriptRoot/../..").Path
        $settings = Join-Path $root PSScriptAnalyzerSettings.psd1
        foreach ($folder in 'docs', 'tests/Acceptance') { Invoke-ScriptAnalyzer (Join-Path $root $folder) -Recurse -Settings $settings | Should -BeNullOrEmpty }
        Invoke-ScriptAnalyzer (Join-Path $root build.ps1) -Settings $settings | Should -BeNullOrEmpty
    }
}
