BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $busy = 'sh', '-c', 'while :; do :; done'
}
AfterAll { Close-Fixture }

Describe 'Stats' {
    AfterEach { Get-CtrContainer | Remove-CtrContainer -Force }

    It 'say what a task uses, as people read it' {
        $null = New-CtrContainer web -Image $image -Cpu 0.2 -Memory 64m -PidsLimit 50 -Command $busy | Start-CtrTask
        $stats = Get-CtrStats web
        $stats.CpuPercent | Should -BeGreaterThan 1
        $stats.MemoryLimit | Should -Be 64MB
        $stats.MemoryUsed | Should -BeGreaterThan 0
        $stats.Pids, $stats.PidsLimit | Should -Be 1, 50
        $stats | Format-Table | Out-String | Should -Match 'web +\d'
    }

    It 'of all tasks are sorted and summed with PowerShell''s own commands' {
        $null = 'a', 'b', 'c' | New-CtrContainer -Image $image -Command $forever | Start-CtrTask
        $null = New-CtrContainer big -Image $image -Command sh, -c, 'head -c 31457280 /dev/zero > /dev/shm/x; echo ready; sleep 1000' | Start-CtrTask
        Wait-Until { Get-CtrLog big }
        $all = Get-CtrStats -SingleReading
        $all | Should -HaveCount 4
        ($all | Sort-Object { $_.MemoryUsed } -Descending)[0].ContainerId | Should -Be big
        ($all | Measure-Object Pids -Sum).Sum | Should -BeGreaterOrEqual 4
        Get-CtrTask a, b | Get-CtrStats -SingleReading | ForEach-Object ContainerId | Should -Be a, b
    }

    It 'continue as long as the pipeline reads them' {
        $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
        $stats = Get-CtrStats web -Continuous -Interval 200ms | Select-Object -First 3
        $stats | Should -HaveCount 3
        $stats[2].Timestamp | Should -BeGreaterThan $stats[0].Timestamp
    }

    It 'have an error for what does not run, and figures for the rest' {
        $null = 'web', 'gone' | New-CtrContainer -Image $image -Command $forever | Start-CtrTask
        $null = Stop-CtrTask gone
        $stats = Get-CtrStats gone, web -SingleReading -ErrorAction SilentlyContinue -ErrorVariable problem
        $stats.ContainerId | Should -Be web
        $problem | Should -HaveCount 1
        $problem.FullyQualifiedErrorId | Should -Be 'TaskNotRunning,Containerd.PowerShell.GetCtrStatsCommand'
        (Get-CtrTask gone).Status | Should -Be Stopped
    }

    It 'in a live view are sorted as one asks' {
        # A screen requires a terminal, and this suite may not have one: then the cmdlet fails.
        if ([Console]::IsOutputRedirected) { { Show-CtrStats -SortBy Memory } | Should -Throw -ErrorId 'NoTerminal,*' }
        { Show-CtrStats -SortBy Colour } | Should -Throw -ErrorId 'CannotConvertArgumentNoMessage,*' -ExpectedMessage '*BlockIO*'
    }
}

Describe 'Processes' {
    AfterEach { Get-CtrContainer | Remove-CtrContainer -Force }

    BeforeEach {
        $null = New-CtrContainer web -Image $image -Command sh, -c, 'sleep 1000 & echo ready; wait' | Start-CtrTask
        # A process that was forked has the name of its parent until it executes its program.
        Wait-Until { (Get-CtrProcess web).Name -contains 'sleep' }
    }

    It 'are those that run in the container' {
        $processes = Get-CtrProcess web
        $processes.Name | Should -Be sh, sleep
        ($processes | Where-Object IsInit).Pid | Should -Be (Get-CtrTask web).Pid
        ($processes | Where-Object Name -EQ sleep).ParentPid | Should -Be (Get-CtrTask web).Pid
        $processes.User | Should -Be root, root
        Get-Process -Id $processes[1].Pid | ForEach-Object ProcessName | Should -Be sleep
    }

    It 'know which exec they are' {
        $null = Invoke-CtrExec web -Detach -ExecId job -User app -- sleep 500
        Wait-Until { @(Get-CtrProcess web | Where-Object { $_.ExecId -and $_.Name -eq 'sleep' }).Count -eq 1 }
        $job = Get-CtrProcess web | Where-Object ExecId
        $job.ExecId, $job.User, "$($job.Command)" | Should -Be job, app, 'sleep 500'
        $job | Send-CtrSignal KILL
        (Wait-CtrTask web -ExecId job).ExitCode | Should -Be 137
        (Get-CtrTask web).Status | Should -Be Running
    }
}
