BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'A task' {
    AfterEach { Get-CtrContainer | Remove-CtrContainer -Force }

    Context 'The life of a task' {
        It 'runs, is stopped, and is removed with its exit code' {
            $task = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
            $task.Status | Should -Be Running
            # The start is answered before runc's own process has executed the program.
            Wait-Until { Get-CtrLog web }
            (Get-Process -Id $task.Pid).ProcessName | Should -Be sh
            ($task | Stop-CtrTask).ExitCode | Should -Be 0
            (Get-CtrTask web).Status | Should -Be Stopped
            (Remove-CtrTask web).Pid | Should -Be $task.Pid
            Get-CtrTask | Should -BeNullOrEmpty
        }

        It 'starts again, as often as one likes' {
            $null = New-CtrContainer job -Image $image -Command echo, again
            1..3 | ForEach-Object { $null = Start-CtrTask job | Wait-CtrTask | Remove-CtrTask }
            Get-CtrLog job | Should -HaveCount 3
        }

        It 'ends with the exit code of its process' {
            $exit = New-CtrContainer job -Image $image -Command sh, -c, 'exit 42' | Start-CtrTask | Wait-CtrTask
            $exit.ExitCode | Should -Be 42
            $exit.ExitedAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
            $exit.ExitedAt | Should -BeLessOrEqual ([datetime]::Now)
        }

        It 'refuses a second start while it runs' {
            $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
            { Start-CtrTask web } | Should -Throw -ErrorId 'TaskExists,*'
        }

        It 'says what is wrong when the command is not there, and leaves no task' {
            $null = New-CtrContainer web -Image $image -Command no-such-program
            { Start-CtrTask web } | Should -Throw -ErrorId 'CommandNotFound,*' -ExpectedMessage '*no-such-program*'
            Get-CtrTask | Should -BeNullOrEmpty
        }
    }

    Context 'Waiting' {
        It 'waits for several at once' {
            $tasks = '0.1', '0.2', '0.3' | ForEach-Object { New-CtrContainer "job$_" -Image $image -Command sleep, $_ } | Start-CtrTask
            ($tasks | Wait-CtrTask).ContainerId | Sort-Object | Should -Be job0.1, job0.2, job0.3
        }

        It 'waits for the first of several' {
            $null = New-CtrContainer slow -Image $image -Command $forever | Start-CtrTask
            $null = New-CtrContainer quick -Image $image -Command sleep, 0.2 | Start-CtrTask
            (Get-CtrTask | Wait-CtrTask -Any).ContainerId | Should -Be quick
            (Get-CtrTask slow).Status | Should -Be Running
        }

        It 'gives up after the time that it is given, and leaves the task alone' {
            $null = New-CtrContainer slow -Image $image -Command $forever | Start-CtrTask
            { Wait-CtrTask slow -Timeout 200ms } | Should -Throw -ErrorId 'WaitTimedOut,*'
            (Get-CtrTask slow).Status | Should -Be Running
        }
    }

    Context 'Waiting, interrupted with Ctrl+C' {
        It 'leaves the task alone' {
            $null = New-CtrContainer slow -Image $image -Command $forever | Start-CtrTask
            $shell = [powershell]::Create().AddScript('param($manifest) Import-Module $manifest; Wait-CtrTask slow').AddArgument($manifest)
            $waiting = $shell.BeginInvoke()
            Start-Sleep -Milliseconds 500
            $waiting.IsCompleted | Should -BeFalse
            $shell.Stop()
            $shell.Dispose()
            (Get-CtrTask slow).Status | Should -Be Running
        }
    }

    Context 'Stopping' {
        It 'asks first, and kills who does not listen when the grace is over' {
            $null = New-CtrContainer deaf -Image $image -Command sleep, 1000 | Start-CtrTask
            (Stop-CtrTask deaf -Timeout 200ms).ExitCode | Should -Be 137
        }

        It 'kills at once with -Force' {
            $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
            (Stop-CtrTask web -Force).ExitCode | Should -Be 137
        }

        It 'sends the signal that the container was made with' {
            $null = New-CtrContainer web -Image $image -StopSignal INT -Command sh, -c, 'trap "exit 7" INT; echo ready; while :; do sleep 0.1; done' | Start-CtrTask
            Wait-Until { Get-CtrLog web }
            (Stop-CtrTask web).ExitCode | Should -Be 7
        }
    }

    Context 'Signals' {
        BeforeEach {
            $null = New-CtrContainer web -Image $image -Command sh, -c, 'trap "echo hup" HUP; trap "echo usr1" USR1; echo ready; while :; do sleep 0.1; done' | Start-CtrTask
            Wait-Until { Get-CtrLog web }
        }

        It 'are named as people name them: <_>' -ForEach 'HUP', 'SIGHUP', 'hup', 1 {
            Send-CtrSignal web $_
            Wait-Until { (Get-CtrLog web -Tail 1) -eq 'hup' }
        }

        It 'reach every task of a pipeline' {
            Get-CtrTask | Send-CtrSignal -Signal USR1
            Wait-Until { (Get-CtrLog web -Tail 1) -eq 'usr1' }
        }

        It 'must exist' {
            { Send-CtrSignal web NOPE } | Should -Throw -ExpectedMessage "*NOPE*"
        }
    }
}
