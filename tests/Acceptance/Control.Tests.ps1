BeforeAll {
    . "$PSScriptRoot/common.ps1"
    function Get-Limit([string] $Controller, [string] $File) { Get-Content "/sys/fs/cgroup/$Controller/$name/web/$File" }
}
AfterAll { Close-Fixture }

Describe 'A running task' {
    AfterEach { Get-CtrContainer | Remove-CtrContainer -Force }

    Context 'Pausing' {
        BeforeEach {
            $null = New-CtrContainer web -Image $image -Command sh, -c, 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done' | Start-CtrTask
            Wait-Until { @(Get-CtrLog web).Count -gt 2 }
        }

        It 'freezes it, and resuming lets it go on' {
            (Suspend-CtrTask web -PassThru).Status | Should -Be Paused
            Start-Sleep -Milliseconds 200
            $frozen = @(Get-CtrLog web).Count
            Start-Sleep -Milliseconds 300
            Get-CtrLog web | Should -HaveCount $frozen
            Get-CtrTask -Status Paused | Resume-CtrTask
            Wait-Until { @(Get-CtrLog web).Count -gt $frozen }
        }

        It 'is refused for what is paused, and resuming for what runs' {
            { Resume-CtrTask web } | Should -Throw -ErrorId 'TaskNotPaused,*'
            Suspend-CtrTask web
            { Suspend-CtrTask web } | Should -Throw -ErrorId 'TaskPaused,*'
            (Get-CtrTask web).Status | Should -Be Paused
        }
    }

    Context 'Limits' {
        BeforeEach { $null = New-CtrContainer web -Image $image -Memory 64m -Command $forever | Start-CtrTask }

        It 'change while it runs, and stay for the next start' {
            Update-CtrTask web -Memory 96m -PidsLimit 40 -CpuShares 512
            Get-Limit memory memory.limit_in_bytes | Should -Be 96MB
            Get-Limit pids pids.max | Should -Be 40
            Get-Limit cpu cpu.shares | Should -Be 512
            (Get-CtrContainer web).Spec.Linux.Resources.Memory.Limit | Should -Be 96MB
            $null = Stop-CtrTask web -Force
            $null = Start-CtrTask web
            Get-Limit memory memory.limit_in_bytes | Should -Be 96MB
        }

        It 'come as a hashtable too' {
            Get-CtrTask web | Update-CtrTask -Resources @{ memory = @{ limit = 80MB } }
            Get-Limit memory memory.limit_in_bytes | Should -Be 80MB
        }

        It 'below what is in use are refused, and nothing changes' {
            $null = Invoke-CtrExec web -- sh -c 'head -c 20000000 /dev/zero > /dev/shm/x'
            $problem = { Update-CtrTask web -Memory 4m } | Should -Throw -ErrorId 'LimitInUse,*' -PassThru
            $problem.Exception.InnerException.Message | Should -Match 'memory'
            Get-Limit memory memory.limit_in_bytes | Should -Be 64MB
            (Get-CtrContainer web).Spec.Linux.Resources.Memory.Limit | Should -Be 64MB
        }
    }

    Context 'In two steps' {
        It 'is made first and started later' {
            $null = New-CtrContainer web -Image $image -Command echo, hello
            (New-CtrTask web).Status | Should -Be Created
            Get-CtrLog web | Should -BeNullOrEmpty
            (Start-CtrTask web | Wait-CtrTask).ExitCode | Should -Be 0
            Wait-Until { (Get-CtrLog web) -eq 'hello' }
        }

        It 'has execs that are made first, too' {
            $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
            $exec = Invoke-CtrExec web -NoStart -WithStdin -- sh -c 'cat; exit 4'
            $null = $exec | Start-CtrExec
            'one', 'two' | Send-CtrInput $exec
            $exec | Close-CtrStdin
            ($exec | Wait-CtrTask).ExitCode | Should -Be 4
            Wait-Until { @($exec | Get-CtrLog).Count -eq 2 }
        }
    }

    Context 'Signals from a pipeline' {
        It 'are the first word' {
            $null = New-CtrContainer web -Image $image -Command sh, -c, 'trap "echo hup" HUP; echo ready; while :; do sleep 0.1; done' | Start-CtrTask
            Wait-Until { Get-CtrLog web }
            Get-CtrTask web | Send-CtrSignal HUP
            Wait-Until { (Get-CtrLog web -Tail 1) -eq 'hup' }
        }
    }

    Context 'Found again' {
        It 'is what another PowerShell started, with its output, its input and its execs' {
            pwsh -NoProfile -Command {
                param($manifest, $address, $name, $image)
                Import-Module $manifest
                $null = Connect-CtrSession $address -Namespace $name
                $null = New-CtrContainer web -Image $image -Command sh, -c, 'echo early; cat; exit 6' | Start-CtrTask -WithStdin
                $null = Invoke-CtrExec web -Detach -ExecId job -- sleep 1000
                Stop-Process -Id $PID -Force
            } -Args $manifest, $daemon.Address, $name, $image
            $LASTEXITCODE | Should -Not -Be 0
            $found = Connect-CtrTask web
            $found.Alive, $found.Pid, $found.HasInput, $found.HasOutput | Should -Be $true, (Get-CtrTask web).Pid, $true, $true
            $found.Execs.ExecId | Should -Be job
            $found.Execs | Send-CtrSignal KILL
            'late' | Send-CtrInput web -Close
            (Wait-CtrTask web).ExitCode | Should -Be 6
            Wait-Until { @(Get-CtrLog web).Count -eq 2 }
            Get-CtrLog web | Should -Be early, late
        }
    }
}
