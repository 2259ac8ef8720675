BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'A script in strict mode' {
    BeforeAll { Set-StrictMode -Version Latest }
    AfterAll { Set-StrictMode -Off }

    It 'goes through a container''s whole life' {
        $task = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
        Invoke-CtrExec web -- echo hello | Should -Be hello
        Wait-Until { Get-CtrLog web }
        ($task | Stop-CtrTask).ExitCode | Should -Be 0
        $null = Remove-CtrTask web
        (Get-CtrContainer web).LastExit.ExitCode | Should -Be 0
        Remove-CtrContainer web
    }

    It 'reads every property of every object, set or not' {
        $container = New-CtrContainer fresh -Image $image
        foreach ($object in $container, $container.Spec, [Containerd.CtrTask]::new(), [Containerd.CtrExit]::new(), (Get-CtrInfo), (Get-CtrImage)) {
            foreach ($property in $object.PSObject.Properties.Name) { { $object.$property } | Should -Not -Throw }
        }
        Remove-CtrContainer fresh
    }

    It 'formats every type of object as a table, a list and a word, new and out of a job' {
        $types = (Get-Command -Module Containerd -CommandType Cmdlet).OutputType.Type | Where-Object Namespace -EQ Containerd | Where-Object IsClass | Sort-Object FullName -Unique
        $types.Count | Should -BeGreaterThan 25
        foreach ($type in $types) {
            $new = $type::new()
            $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($new, 1))
            foreach ($object in $new, $back) {
                foreach ($form in 'Out-Default', 'Format-Table', 'Format-List', 'Format-Wide') {
                    $shown = { if ($form -eq 'Out-Default') { $object | Out-String } else { $object | & $form | Out-String } }
                    { & $shown } | Should -Not -Throw -Because "$($type.Name) through $form"
                }
            }
        }
    }
}
