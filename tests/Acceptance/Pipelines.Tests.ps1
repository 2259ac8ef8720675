BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'A pipeline' {
    AfterEach { Get-CtrContainer | Remove-CtrContainer -Force }

    It 'makes, starts, waits and removes in a line' {
        New-CtrContainer job -Image $image -Command true | Start-CtrTask | Wait-CtrTask | Remove-CtrContainer
        Get-CtrContainer | Should -BeNullOrEmpty
    }

    It 'does so for many' {
        $exits = 1..4 | ForEach-Object { New-CtrContainer "job$_" -Image $image -Command sh, -c, "exit $_" } | Start-CtrTask | Wait-CtrTask
        ($exits | Measure-Object ExitCode -Sum).Sum | Should -Be 10
        $exits | Remove-CtrContainer
        Get-CtrContainer | Should -BeNullOrEmpty
    }

    It 'selects with PowerShell''s own commands' {
        $null = 'a', 'b' | New-CtrContainer -Image $image -Command $forever | Start-CtrTask
        $null = New-CtrContainer c -Image $image
        Get-CtrTask | Where-Object Status -EQ Running | Select-Object -First 1 | Stop-CtrTask -Force | Select-Object -ExpandProperty ContainerId | Should -Be a
        (Get-CtrTask -Status Running).ContainerId | Should -Be b
    }

    It 'runs a command in each' {
        $null = 'a', 'b' | New-CtrContainer -Image $image -Command $forever | Start-CtrTask
        Get-CtrContainer | ForEach-Object { $_ | Invoke-CtrExec -- hostname } | Should -Be a, b
    }

    It 'takes plain strings wherever it takes objects' {
        $null = 'a', 'b' | New-CtrContainer -Image $image -Command true
        'a', 'b' | Start-CtrTask | Should -HaveCount 2
        ('a', 'b' | Wait-CtrTask).ExitCode | Should -Be 0, 0
        'a', 'b' | Remove-CtrContainer
        Get-CtrContainer | Should -BeNullOrEmpty
    }

    It 'goes on after an item that fails' {
        $null = 'a', 'c' | New-CtrContainer -Image $image -Command $forever
        $started = 'a', 'b', 'c' | Start-CtrTask -ErrorAction SilentlyContinue -ErrorVariable problem
        $started.ContainerId | Should -Be a, c
        $problem | Should -HaveCount 1
        $problem[0].TargetObject | Should -Be b
    }

    It 'stops at once with -ErrorAction Stop' {
        $null = New-CtrContainer c -Image $image -Command $forever
        { 'b', 'c' | Start-CtrTask -ErrorAction Stop } | Should -Throw -ErrorId 'ContainerNotFound,*'
        Get-CtrTask | Should -BeNullOrEmpty
    }

    It 'does not take anything for a container that is none' {
        { Get-Process -Id $PID | Stop-CtrTask } | Should -Throw -ExpectedMessage '*Process*does not name a container*'
        { Get-Item / | Remove-CtrContainer } | Should -Throw -ExpectedMessage '*does not name a container*'
    }

    It 'is quiet with nothing in it' {
        @() | Start-CtrTask | Wait-CtrTask | Remove-CtrContainer
        Get-CtrTask none* | Stop-CtrTask | Should -BeNullOrEmpty
    }

    It 'takes defaults from $PSDefaultParameterValues' {
        $null = New-CtrContainer here -Image $image
        $PSDefaultParameterValues['*-Ctr*:Namespace'] = 'elsewhere'
        try { Get-CtrContainer | Should -BeNullOrEmpty }
        finally { $PSDefaultParameterValues.Remove('*-Ctr*:Namespace') }
        (Get-CtrContainer).ContainerId | Should -Be here
    }

    It 'ends early when enough is known' {
        $null = 'a', 'b' | New-CtrContainer -Image $image
        (Get-CtrContainer | Select-Object -First 1).ContainerId | Should -Be a
    }
}
