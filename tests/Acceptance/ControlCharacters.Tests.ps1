BeforeDiscovery {
    Import-Module "$PSScriptRoot/../../out/Containerd/Containerd.psd1"
    $written = (Get-Module Containerd).ExportedCmdlets.Values.OutputType.Type | Where-Object Namespace -EQ Containerd | Sort-Object -Unique FullName
}
BeforeAll {
    Import-Module "$PSScriptRoot/../../out/Containerd/Containerd.psd1"
    $rendering = $PSStyle.OutputRendering
    # Returns the text that a terminal receives.
    $PSStyle.OutputRendering = 'Ansi'
    # A colour, a question that a terminal answers at the prompt, a bell, C1 controls, DEL, a lone carriage return, writing from right to left.
    $hostile = "x`e[31m`e[6n`a$([char] 0x9b)6n`u{85}`u{7f}`r`u{202e}y"
    $dangerous = '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)'

    # Returns the control characters in the text, except the engine's own colours.
    function Get-Danger {
        $shown = $input | Out-String -Width 4000
        if ($shown -match "x`e") { 'an escape sequence' }
        ($shown -replace '\x1b\[[0-9;]*m') | Select-String $dangerous | ForEach-Object Line
    }

    # Creates an object with the values that a hostile image or container could set, also in nested objects.
    function New-Hostile([type] $Type, [int] $Depth) {
        $made = $Type::new()
        foreach ($property in $Type.GetProperties() | Where-Object { $_.SetMethod.IsPublic -and $_.GetIndexParameters().Count -eq 0 }) {
            $of = $property.PropertyType
            if ($of -eq [string] -or $of -eq [object]) { $property.SetValue($made, $hostile) }
            elseif ($of -eq [string[]]) { $property.SetValue($made, [string[]] @($hostile)) }
            elseif ($of -eq [Containerd.CtrMap]) { $map = [Containerd.CtrMap]::new(); $map[$hostile] = $hostile; $property.SetValue($made, $map) }
            elseif ($of -eq [datetime] -or $of -eq [Nullable[datetime]]) { $property.SetValue($made, [datetime] '2026-01-02T03:04:05') }
            elseif ($Depth -lt 4 -and $of.IsClass -and $of.Namespace -eq 'Containerd' -and -not $of.IsArray -and $of.GetConstructor(@())) { $property.SetValue($made, (New-Hostile $of ($Depth + 1))) }
            elseif ($Depth -lt 4 -and $of.IsArray -and $of.GetElementType().IsClass -and $of.GetElementType().GetConstructor(@())) {
                $array = [array]::CreateInstance($of.GetElementType(), 1)
                $array[0] = New-Hostile $of.GetElementType() ($Depth + 1)
                $property.SetValue($made, $array)
            }
        }
        , $made
    }
}
AfterAll { $PSStyle.OutputRendering = $rendering }

Describe 'No terminal obeys what a container says' {
    It 'in the views of <_.Name>' -ForEach $written {
        $item = New-Hostile $_ 0
        $item | Get-Danger | Should -BeNullOrEmpty
        $item | Format-List | Get-Danger | Should -BeNullOrEmpty
        $item | Format-Table | Get-Danger | Should -BeNullOrEmpty
        $item | Format-Wide | Get-Danger | Should -BeNullOrEmpty
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($item, 3))
        $back | Get-Danger | Should -BeNullOrEmpty
        $back | Format-List | Get-Danger | Should -BeNullOrEmpty
        $item > TestDrive:/file
        [IO.File]::ReadAllText("$TestDrive/file") | Get-Danger | Should -BeNullOrEmpty
    }

    It 'and properties stay exact' {
        $item = New-Hostile ([Containerd.CtrImage]) 0
        $item.Name | Should -BeExactly $hostile
        $item.Labels[$hostile] | Should -BeExactly $hostile
        ($item | ConvertTo-Json -Depth 3 | ConvertFrom-Json).Name | Should -BeExactly $hostile
        $item.Name | Set-Content TestDrive:/name -NoNewline
        [IO.File]::ReadAllText("$TestDrive/name") | Should -BeExactly $hostile
    }

    It 'in errors, in all their views' {
        $name = "x`e7`a"
        foreach ($view in 'ConciseView', 'NormalView', 'CategoryView') {
            $ErrorView = $view
            $shown = Get-CtrDaemon $name -ErrorAction Continue 2>&1 | Out-String
            $shown | Should -Match '␛'
            $shown | Get-Danger | Should -BeNullOrEmpty
        }
        $failed = Get-CtrDaemon $name -ErrorAction Continue 2>&1
        $failed.TargetObject | Should -BeExactly $name
        $failed.Exception.Subject | Should -BeExactly $name
    }
}
