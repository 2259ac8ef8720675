BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $line = [Containerd.CtrLogLine]@{ Text = 'Some error in Text'; Stream = 'Stderr'; ContainerId = 'web'; Time = '2026-01-02T03:04:05' }
    $long = [Containerd.CtrLogLine]@{ Text = 'x' * 500 }
    $exact = "a`e[31mred`e[0m`e[6n`a`tend"
    $visible = "ared␛[6n␇`tend"
    $null = New-CtrContainer hostile -Image $image -- sh -c 'printf "a\033[31mred\033[0m\033[6n\007\tend\n"' | Start-CtrTask | Wait-CtrTask
    $file = "$temp/file"
    $rendering = $PSStyle.OutputRendering
}
AfterAll {
    $PSStyle.OutputRendering = $rendering
    Remove-Item $file
    Close-Fixture
}

Describe 'A line of a log' {
    It 'does for its text: <script>' -ForEach @(
        @{ expected = $true; script = { $line -eq 'some ERROR in text' } }
        @{ expected = $false; script = { $line -ne 'some error in text' } }
        @{ expected = $true; script = { 'some error in text' -eq $line } }
        @{ expected = $false; script = { $line -eq 'other' } }
        @{ expected = $false; script = { $line -eq $null } }
        @{ expected = 'error in'; script = { if ($line -match 'error (.n)') { $Matches[0] } } }
        @{ expected = $true; script = { $line -like 'some*' } }
        @{ expected = 'Some x in Text'; script = { $line -replace 'error', 'x' } }
        @{ expected = 4; script = { ($line -split ' ').Count } }
        @{ expected = $true; script = { $line -in 'a', 'some error in text' } }
        @{ expected = $true; script = { 'a', 'some error in text' -contains $line } }
        @{ expected = $true; script = { @($line) -contains 'some error in text' } }
        @{ expected = 'exact'; script = { switch ($line) { 'some error in text' { 'exact' } } } }
        @{ expected = 'regex'; script = { switch -Regex ($line) { 'err' { 'regex' } } } }
        @{ expected = 'wildcard'; script = { switch -Wildcard ($line) { 'some*' { 'wildcard' } } } }
        @{ expected = 'Some error in Text'; script = { ($line | Select-String 'err').Line } }
        @{ expected = 'Some error in Text'; script = { [string] $line } }
        @{ expected = '<Some error in Text>'; script = { "<$line>" } }
        @{ expected = 'xSome error in Text'; script = { 'x' + $line } }
        @{ expected = 'Some error in Textx'; script = { $line + 'x' } }
        @{ expected = $true; script = { [Containerd.CtrLogLine]@{ Text = '50000' } -eq 50000 } }
        @{ expected = 'Some error in Text'; script = { & { param([string] $Text) $Text } $line } }
        @{ expected = 'err'; script = { [regex]::Match($line, 'e.r').Value } }
        @{ expected = 'another'; script = { ($line, [Containerd.CtrLogLine]@{ Text = 'another' } | Sort-Object)[0].Text } }
        @{ expected = 2; script = { ($line, $line, [Containerd.CtrLogLine]@{ Text = 'zzz' } | Group-Object)[0].Count } }
        @{ expected = 'Some error in Text', 'web', 'Stderr'; script = { $line | ConvertTo-Csv | ConvertFrom-Csv | ForEach-Object { $_.Text, $_.ContainerId, $_.Stream } } }
        @{ expected = 'Some error in Text', 'web', 'Stderr', 5; script = { $line | ConvertTo-Json -EnumsAsStrings -Depth 1 | ConvertFrom-Json | ForEach-Object { $_.Text, $_.ContainerId, $_.Stream, $_.Time.Second } } }
        @{ expected = 'Some error in Text web'; script = { ($line | Select-Object Text, ContainerId | Format-Table -HideTableHeaders | Out-String).Trim() } }
        @{ expected = 'Some error in Text', 'Stderr', 'error'; script = { Start-Job { param($line) $line } -ArgumentList $line | Receive-Job -Wait -AutoRemoveJob | ForEach-Object { "$_"; "$($_.Stream)"; if ($_ -match 'error') { $Matches[0] } } } }
    ) { & $script | Should -Be $expected }

    It 'is never wrapped' {
        $long > $file
        Get-Content $file | Should -Be ('x' * 500)
        $long | Out-File $file -Width 80
        Get-Content $file | Should -Be ('x' * 500)
        $long | Set-Content $file
        Get-Content $file | Should -Be ('x' * 500)
        ($long | Out-String -Width 80).TrimEnd() | Should -Be ('x' * 500)
        $long | awk '{ print length($0) }' | Should -Be 500
        expr length $long | Should -Be 500
        # The same as for text, in each form of the output.
        ($long | Format-Table | Out-String -Width 80).Trim() | Should -Be ('x' * 500)
        ($long | Format-List | Out-String -Width 80).Trim() | Should -Be ('x' * 500)
    }

    It 'is obeyed by no terminal, and exact for whatever wants its text' {
        (Get-CtrLog hostile).Text | Should -BeExactly $exact
        (Get-CtrLog hostile | Out-String).TrimEnd() | Should -BeExactly $visible
        Get-CtrLog hostile > $file
        Get-Content $file | Should -BeExactly $visible
        Get-CtrLog hostile | Out-File $file
        Get-Content $file | Should -BeExactly $visible
        Get-CtrLog hostile | Set-Content $file
        Get-Content $file | Should -BeExactly $exact
        printf %s (Get-CtrLog hostile) | Set-Content $file
        Get-Content $file | Should -BeExactly $exact
        # By default the engine removes colours from text that is piped into a program.
        $null = Get-CtrLog hostile | tee $file
        Get-Content $file | Should -BeExactly "ared`e[6n`a`tend"
        $PSStyle.OutputRendering = 'Ansi'
        $null = Get-CtrLog hostile | tee $file
        Get-Content $file | Should -BeExactly $exact
        $null = Get-CtrLog hostile | Out-String -Stream | tee $file
        Get-Content $file | Should -BeExactly $visible
    }

    It 'of several containers begins with the name of its own on the screen alone' {
        $null = New-CtrContainer other -Image $image -- printf 'b\007' | Start-CtrTask | Wait-CtrTask
        $lines = Get-CtrLog hostile, other
        ($lines | Out-String).Trim() -split '\r?\n' | Should -BeExactly "hostile | $visible", 'other | b␇'
        $lines.Text | Should -BeExactly $exact, "b`a"
        $lines | Set-Content $file
        Get-Content $file | Should -BeExactly $exact, "b`a"
        $PSStyle.OutputRendering = 'Ansi'
        $lines | tee $file | Should -BeExactly $exact, "b`a"
    }
}
