BeforeAll {
    Import-Module "$PSScriptRoot/../../out/Containerd/Containerd.psd1" -Force
    $stats = [Containerd.CtrStats]@{ ContainerId = 'a'; MemoryUsed = 3mb; MemoryLimit = 64mb; HostMemory = 1gb },
        [Containerd.CtrStats]@{ ContainerId = 'b'; MemoryUsed = 1536kb; IsMemoryUnlimited = $true; HostMemory = 1gb }
}

Describe 'Sizes on objects' {
    It 'can be computed with: <expected>' -ForEach @(
        @{ expected = 4718592; script = { ($stats | Measure-Object MemoryUsed -Sum).Sum } }
        @{ expected = 3, 1.5; script = { ($stats | Select-Object @{ n = 'MB'; e = { [math]::Round($_.MemoryUsed / 1MB, 1) } }).MB } }
        @{ expected = 'a'; script = { ($stats | Where-Object MemoryUsed -GT 2MB).ContainerId } }
        @{ expected = 'b', 'a'; script = { ($stats | Sort-Object MemoryUsed).ContainerId } }
        @{ expected = 3145728, 1572864; script = { ($stats | ConvertTo-Json | ConvertFrom-Json).MemoryUsed } }
        @{ expected = '3145728', '1572864'; script = { ($stats | ConvertTo-Csv | ConvertFrom-Csv).MemoryUsed } }
        @{ expected = 3145728, 1572864; script = { (Start-Job { param($stats) $stats } -ArgumentList (, $stats) | Receive-Job -Wait -AutoRemoveJob).MemoryUsed } }
    ) { & $script | Should -Be $expected }

    It 'are null without a limit, which a flag says' {
        $stats[1].MemoryLimit | Should -BeNullOrEmpty
        $stats.IsMemoryUnlimited | Should -Be $false, $true
        $stats[1].BlockRead | Should -BeNullOrEmpty
    }

    It 'have units in tables, and the exact number too in lists' {
        $stats | Format-Table | Out-String -Width 100 | Should -Match '3MiB/64MiB[\s\S]+1\.5MiB/1GiB'
        $list = $stats[1] | Format-List | Out-String -Width 100
        $list | Should -Match 'MemoryUsed +: 1\.5MiB \(1572864 bytes\)'
        $list | Should -Match 'MemoryLimit +: unlimited'
    }
}
