BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Stop-Scene }

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

    It 'formats every object' {
        { Get-CtrDaemon; Get-CtrSession; Get-CtrImage; Get-CtrInfo; Get-CtrVersion | Out-String } | Should -Not -Throw
    }
}
