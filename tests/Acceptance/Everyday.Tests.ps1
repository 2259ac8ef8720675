# Everyday tasks, as a user types them: each test is one pipeline without helper variables. The numbers are those of the list of 65 tasks.
#
# Tasks without a test in this file, and the reason:
#
#   1        every file of this suite starts with it (common.ps1)
#   4, 5     require a table of containers that shows their status
#   7, 14, 15, 16, 18 (live)   require a terminal: in LogTests, EnterTests, AttachTests and ScreenTests
#   25       requires -EnvFile
#   27       requires volumes
#   28       requires restart policies
#   29, 30   require networks, and 34 the address in a network
#   31       requires health checks
#   33, 47, 48 require parity with docker run (inspect, diff, compose)
#   43       requires a registry: in Registry.Tests.ps1
#   49, 50   in Runbooks.Tests.ps1 and Mocking.Tests.ps1
#   54, 55   require sshd: in Remoting.Tests.ps1
#   59, 60, 64 in StrictMode.Tests.ps1, WhatIf.Tests.ps1 and Completion.Tests.ps1
BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer web -Image $image -Memory 64m -Label @{ tier = 'front' } -Command $forever | Start-CtrTask -LogFormat Timestamped
    Wait-Until { Get-CtrLog web }
}
AfterAll { Close-Fixture }

Describe 'Every day' {
    Context 'Containers and their tasks' {
        It '2: imports what docker save wrote' {
            Import-CtrImage $tar | ForEach-Object Name | Should -Be $image
        }

        It '3: runs a container in the background, with a limit' {
            New-CtrContainer lim -Image busybox:test -Memory 64m -- sleep 1000 | Start-CtrTask | ForEach-Object Status | Should -Be Running
        }

        It '24: changes a limit' {
            Update-CtrTask lim -Memory 128m -MemorySwap 128m -PassThru | Get-CtrContainer | ForEach-Object { $_.Spec.Linux.Resources.Memory.Limit } | Should -Be 128MB
        }

        It '35: restarts' {
            Stop-CtrTask lim -Force | Start-CtrTask | ForEach-Object Status | Should -Be Running
        }

        It '37: pauses and resumes' {
            Suspend-CtrTask lim -PassThru | Resume-CtrTask -PassThru | ForEach-Object Status | Should -Be Running
        }

        It '36: waits for the exit code' {
            New-CtrContainer job -Image busybox:test -- sh -c 'exit 3' | Start-CtrTask | Wait-CtrTask | ForEach-Object ExitCode | Should -Be 3
        }

        It '38: sends a signal' {
            Send-CtrSignal lim KILL -PassThru | Wait-CtrTask | ForEach-Object ExitCode | Should -Be 137
        }

        It '39: removes what has stopped' {
            Get-CtrTask -Status Stopped | Remove-CtrContainer
            Get-CtrContainer lim, job -ErrorAction Ignore | Should -BeNullOrEmpty
        }

        It '65: names a container' {
            New-CtrContainer -Name shop -Image busybox:test -- sleep 1000 | Start-CtrTask | Get-CtrContainer | ForEach-Object Name | Should -Be shop
        }

        It '32: renames a container' {
            Rename-CtrContainer shop store -PassThru | Remove-CtrContainer -Force
            Get-CtrContainer shop, store -ErrorAction Ignore | Should -BeNullOrEmpty
        }

        It '51: works on several at once' {
            1..4 | ForEach-Object { "p$_" } | New-CtrContainer -Image busybox:test -ThrottleLimit 4 -Command sleep, 1000 | Start-CtrTask -ThrottleLimit 4 | Stop-CtrTask -Force | Remove-CtrContainer
            Get-CtrContainer p* | Should -BeNullOrEmpty
        }

        It '61: refuses an object that does not name a container' {
            { Get-Process -Id $PID | Stop-CtrTask -ErrorAction Stop } | Should -Throw '*does not name a container*'
        }

        It '62: refuses a misspelt parameter' {
            { New-CtrContainer x -Image busybox:test -Memroy 64m -- sleep 100 } | Should -Throw -ErrorId 'UnknownParameter,*'
        }
    }

    Context 'Output' {
        It '6: shows the end of a log' {
            Get-CtrLog web -Tail 1 | ForEach-Object Text | Should -Be ready
        }

        It '8: shows what was logged since a time, with the time' {
            Get-CtrLog web -Since 1h | ForEach-Object Time | Should -BeOfType datetime
        }

        It '9: writes a log to CSV' {
            Get-CtrLog web | Select-Object Time, Text | ConvertTo-Csv | Select-Object -Last 1 | Should -BeLike '*"ready"'
        }

        It '10: runs a command' {
            Invoke-CtrExec web -- ls /etc | Should -Contain passwd
        }

        It '12: pipes into a container' {
            'b', 'a' | Invoke-CtrContainer busybox:test -- sort | Should -Be a, b
        }

        It '13: runs a command in the background, and reads its output' {
            Invoke-CtrExec web -Detach -ExecId back -- echo done | Wait-CtrTask | Out-Null
            Get-CtrLog web -ExecId back | ForEach-Object Text | Should -Be done
        }

        It '53: runs a command in a job of another process' {
            Start-Job { Import-Module $using:manifest; $null = Connect-CtrSession $using:daemon.Address -Namespace $using:name; Invoke-CtrExec web -Command echo, hello } | Receive-Job -Wait -AutoRemoveJob | Should -Be hello
        }

        It '52: lists in a thread job' {
            Invoke-Aside { Import-Module $using:manifest; Get-CtrTask web } | Receive-Job -Wait | ForEach-Object Status | Should -Be Running
        }
    }

    Context 'Files' {
        It '17: copies in and out' {
            Copy-CtrItem web:/etc/passwd "$temp/passwd" -PassThru | ForEach-Object Files | Should -Be 1
            Remove-Item "$temp/passwd"
        }

        It '26: mounts a folder' {
            Invoke-CtrContainer busybox:test -Mount "$($temp)/image:/data:ro" -- ls /data | Should -Be busybox.tar
        }
    }

    Context 'Figures' {
        It '18: shows what a task uses' {
            Get-CtrStats web | ForEach-Object MemoryUsed | Should -BeGreaterThan 0
        }

        It '19: sums the memory, in MB' {
            (Get-CtrStats | Measure-Object MemoryUsed -Sum).Sum / 1MB | Should -BeGreaterThan 0
        }

        It '20: sorts and filters by memory' {
            Get-CtrStats | Where-Object MemoryUsed -GT 1KB | Sort-Object MemoryUsed -Descending | Select-Object -First 1 | ForEach-Object ContainerId | Should -Be web
        }

        It '21: shows processes with their commands' {
            Get-CtrProcess web | Where-Object IsInit | ForEach-Object { "$($_.Command)" } | Should -BeLike 'sh -c trap*'
        }

        It '41: shows the disk usage' {
            Measure-CtrStorage | Where-Object Kind -EQ Content | ForEach-Object Size | Should -BeGreaterThan 0
        }

        It '56: writes JSON with names of states' {
            Get-CtrTask web | ConvertTo-Json -EnumsAsStrings -Depth 4 | Should -BeLike '*"Status": "Running"*'
        }

        It '57: writes CSV with numbers' {
            Get-CtrStats web -SingleReading | Select-Object ContainerId, MemoryUsed | ConvertTo-Csv | Select-Object -Last 1 | Should -Match '^"web","\d+"$'
        }

        It '58: groups' {
            Get-CtrTask | Group-Object Status -NoElement | ForEach-Object Name | Should -Be Running
        }
    }

    Context 'Events' {
        It '23: watches what a container does' {
            Watch-CtrEvent seen -EventType Start, Exit -MaxCount 2 -Timeout 60 -Begin { New-CtrContainer seen -Image busybox:test -- true | Start-CtrTask | Out-Null } | ForEach-Object Type | Should -Be Start, Exit
        }

        It '22: runs an action for an event' {
            # An action runs between statements, so the test needs several statements.
            $acted = [Collections.Generic.List[string]]::new()
            $null = Register-CtrEvent acted -EventType Exit -SourceIdentifier acted -MessageData $acted -Action { $Event.MessageData.Add("$($EventArgs.ContainerId) $($EventArgs.ExitCode)") }
            New-CtrContainer acted -Image busybox:test -- sh -c 'exit 4' | Start-CtrTask | Out-Null
            Wait-Until { $acted.Count } 30
            $acted | Should -Be 'acted 4'
            Unregister-Event acted
        }
    }

    Context 'Registries' {
        It '42: logs in, once for all commands' {
            $env:DOCKER_CONFIG = "$temp/docker"
            $registry = Open-Registry -Basic
            try {
                Connect-CtrRegistry $registry.Host -Credential (Get-Login) | ForEach-Object UserName | Should -Be tester
                Send-CtrImage busybox:test "$($registry.Host)/team/app:1" | Receive-CtrImage | ForEach-Object Name | Should -Be "$($registry.Host)/team/app:1"
                Get-CtrRegistry | ForEach-Object Registry | Disconnect-CtrRegistry
                Get-CtrRegistry | Should -BeNullOrEmpty
                Remove-CtrImage "$($registry.Host)/team/app:1" -Confirm:$false
            }
            finally {
                $registry | Close-Registry
                $env:DOCKER_CONFIG = $null
                Remove-Item "$temp/docker" -Recurse -ErrorAction Ignore
            }
        }
    }

    Context 'Images' {
        It '44: tags' {
            Set-CtrImage busybox:test -Tag registry.example.com/team/app:1 -PassThru | ForEach-Object Name | Should -Contain registry.example.com/team/app:1
        }

        It '45: saves, and loads into another namespace' {
            Export-CtrImage busybox:test "$temp/bb.tar.gz" | Import-CtrImage -Namespace "$name-other" | ForEach-Object Name | Should -Be $image
            Remove-Item "$temp/bb.tar.gz"
            Remove-CtrNamespace "$name-other" -Force -Confirm:$false
        }

        It '46: makes an image of a container, and shows its history' {
            New-CtrImage web web:v2 | Get-CtrImage -Detailed | ForEach-Object { $_.History.Count } | Should -BeGreaterThan 0
        }

        It '40: removes images that nothing uses' {
            Clear-CtrImage -Confirm:$false | ForEach-Object Removed | Should -Contain docker.io/library/web:v2
        }
    }

    It '63: has an example for each everyday parameter in the help' {
        (Get-Help New-CtrContainer).examples.example.Count | Should -BeGreaterOrEqual 3
    }
}
