BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'Events' {
    AfterEach {
        Get-EventSubscriber -Force | Where-Object SourceObject -Is ([Containerd.PowerShell.EventSource]) | Unregister-Event -Force
        Get-Event | Remove-Event
        Get-Job | Remove-Job -Force
        Get-CtrContainer | Remove-CtrContainer -Force
    }

    Context 'Waiting for one' {
        It 'gives the exit of a container that is watched' {
            Register-CtrEvent web -EventType Exit -SourceIdentifier exits -MessageData 42
            $null = New-CtrContainer web -Image $image -Command sh, -c, 'exit 7' | Start-CtrTask
            $happened = Wait-Event exits -Timeout 20
            $happened.MessageData | Should -Be 42
            $happened.Sender.GetType().Name | Should -Be EventSource
            $exit = $happened.SourceEventArgs
            $exit | Should -BeOfType ([Containerd.CtrEvent])
            $exit.Type, $exit.ContainerId, $exit.ExitCode | Should -Be Exit, web, 7
            $exit.ExitedAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
            # The job receives the events.
            $exit | Remove-CtrTask | ForEach-Object ExitCode | Should -Be 7
        }

        It 'sees what happens right after it was registered, as often as one tries' {
            $null = New-CtrContainer web -Image $image
            foreach ($round in 1..5) {
                Register-CtrEvent web -EventType ContainerUpdate -SourceIdentifier at-once
                Set-CtrContainer web -Label @{ round = $round }
                (Wait-Event at-once -Timeout 20).SourceEventArgs.ContainerId | Should -Be web
                Unregister-Event at-once
                Get-Event | Remove-Event
            }
        }

        It 'tells a container''s life in order' {
            Register-CtrEvent web -EventType Create, Start, Paused, Resumed, ExecAdded, ExecStarted, Exit -SourceIdentifier life
            $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
            Suspend-CtrTask web
            Resume-CtrTask web
            Invoke-CtrExec web -ExecId e -- true
            $null = Stop-CtrTask web -Force
            Wait-Until { @(Get-Event).Count -eq 8 }
            (Get-Event).SourceEventArgs.Type | Should -Be Create, Start, Paused, Resumed, ExecAdded, ExecStarted, Exit, Exit
            (Get-Event).SourceEventArgs.ProcessId | Should -Be web, web, '', '', e, e, e, web
        }

        It 'says that memory ran out before it says that the process ended' {
            Register-CtrEvent -EventType Oom, Exit -SourceIdentifier memory
            $task = New-CtrContainer hungry -Image $image -Memory 8m -Command sh, -c, 'until [ -e /go ]; do sleep 0.05; done; x=a; while :; do x=$x$x; done' | Start-CtrTask
            # A kill before containerd observes the task is not reported.
            Set-Content "/proc/$($task.Pid)/root/go" ''
            Wait-Until { @(Get-Event).Count -eq 2 } 30
            (Get-Event).SourceEventArgs.Type | Should -Be Oom, Exit
            (Get-Event)[1].SourceEventArgs.OomKilled | Should -BeTrue
        }
    }

    Context 'An action' {
        It 'runs for each event, and sees it' {
            $told = [Collections.Generic.List[string]]::new()
            $job = Register-CtrEvent -EventType Start, Exit -SourceIdentifier acts -MessageData $told -Action { $Event.MessageData.Add("$($EventArgs.Type) $($EventArgs.ContainerId) $($Event.SourceIdentifier)") }
            $job | Should -BeOfType ([System.Management.Automation.PSEventJob])
            $null = 'a', 'b' | ForEach-Object { New-CtrContainer $_ -Image $image -Command true | Start-CtrTask | Wait-CtrTask }
            Wait-Until { $told.Count -eq 4 }
            $told | Should -Be 'Start a acts', 'Exit a acts', 'Start b acts', 'Exit b acts'
            Get-Event | Should -BeNullOrEmpty
        }

        It 'may use the cmdlets: a container that ends badly is started again' {
            $null = Register-CtrEvent web -EventType Exit -SourceIdentifier again -Action { if ($EventArgs.ExitCode) { $null = $EventArgs | Start-CtrTask } }
            $null = New-CtrContainer web -Image $image -Command sh, -c, 'echo run; [ -e /again ] || { touch /again; exit 1; }' | Start-CtrTask
            Wait-Until { @(Get-CtrLog web).Count -eq 2 } 30
            Wait-Until { (Get-CtrTask web).ExitCode -eq 0 }
        }

        It 'ends by itself after so many times' {
            $seen = [Collections.Generic.List[object]]::new()
            $null = Register-CtrEvent -EventType ContainerCreate -SourceIdentifier few -MaxTriggerCount 2 -MessageData $seen -Action { $Event.MessageData.Add($EventArgs) }
            1..4 | ForEach-Object { $null = New-CtrContainer "c$_" -Image $image }
            Wait-Until { -not (Get-EventSubscriber few -ErrorAction Ignore) }
            Start-Sleep -Milliseconds 300
            $seen.Count | Should -Be 2
        }

        It 'is hidden as a support event' {
            $null = Register-CtrEvent -SourceIdentifier hidden -SupportEvent -Action { }
            Get-EventSubscriber | Should -BeNullOrEmpty
            (Get-EventSubscriber -Force).SourceIdentifier | Should -Contain hidden
        }
    }

    Context 'The end of a subscription' {
        It 'is Unregister-Event: nothing comes any more' {
            Register-CtrEvent -SourceIdentifier off
            Unregister-Event off
            $null = New-CtrContainer web -Image $image
            Start-Sleep -Milliseconds 500
            Get-Event | Should -BeNullOrEmpty
            Get-EventSubscriber -Force | Should -BeNullOrEmpty
        }

        It 'is the end of its session, and of the module' {
            $other = $daemon | Connect-CtrSession -Name other -Namespace $name
            Register-CtrEvent -SourceIdentifier theirs -Session $other
            Register-CtrEvent -SourceIdentifier ours -Session $session
            Disconnect-CtrSession other
            (Get-EventSubscriber).SourceIdentifier | Should -Be ours
            Remove-Module Containerd
            try { Get-EventSubscriber | Should -BeNullOrEmpty }
            finally { Import-Module $manifest -Global }
            (Get-CtrSession).Name | Should -Contain main
        }
    }

    Context 'Forwarding' {
        It 'brings the events of a job into the shell that started it' {
            $address = $daemon.Address
            $job = Start-Job {
                Import-Module $using:manifest
                $null = Connect-CtrSession $using:address -Namespace $using:name
                Register-CtrEvent -SourceIdentifier from-job -EventType ContainerCreate -Forward
                'ready'
                Start-Sleep 60
            }
            Wait-Until { (Receive-Job $job -Keep) -eq 'ready' } 60
            $null = New-CtrContainer web -Image $image
            $happened = Wait-Event from-job -Timeout 30
            $happened.SourceIdentifier | Should -Be from-job
            "$($happened.SourceArgs[1].Type) $($happened.SourceArgs[1].ContainerId)" | Should -Be 'ContainerCreate web'
            Stop-Job $job
        }
    }

    Context 'Watching' {
        It 'streams events to the pipeline until there are enough' {
            $seen = Watch-CtrEvent web -EventType Start, Exit -MaxCount 2 -Timeout 60 -Begin { $null = New-CtrContainer web -Image $image -Command sh, -c, 'exit 3' | Start-CtrTask }
            $seen.Type | Should -Be Start, Exit
            $seen[1].ExitCode | Should -Be 3
        }

        It 'ends when its time is over' {
            Watch-CtrEvent -Timeout 300ms | Should -BeNullOrEmpty
        }

        It 'ends with the pipeline behind it' {
            (Watch-CtrEvent -Begin { $null = New-CtrContainer web -Image $image } | Select-Object -First 1).Namespace | Should -Be $name
        }

        It 'chooses by label, id and containerd''s own filters' {
            $seen = Watch-CtrEvent w* -Label @{ tier = 'front' } -Filter 'topic~=|^/tasks/|' -EventType Start -MaxCount 1 -Timeout 60 -Begin {
                $null = New-CtrContainer wrong -Image $image -Label @{ tier = 'back' } -Command true | Start-CtrTask
                $null = New-CtrContainer front -Image $image -Label @{ tier = 'front' } -Command true | Start-CtrTask
                $null = New-CtrContainer web -Image $image -Label @{ tier = 'front' } -Command true | Start-CtrTask
            }
            $seen.ContainerId | Should -Be web
        }
    }

    Context 'Bad input' {
        It 'is a filter that does not parse: <_>' -ForEach 'Register-CtrEvent', 'Watch-CtrEvent' {
            { & $_ -Filter 'topic is tasks' } | Should -Throw -ErrorId 'InvalidFilter,*'
            Get-EventSubscriber -Force | Should -BeNullOrEmpty
        }

        It 'is a type that does not exist' {
            { Register-CtrEvent -EventType Ends } | Should -Throw -ErrorId 'CannotConvertArgumentNoMessage,*' -ExpectedMessage '*ExecStarted*'
        }

        It 'is a source identifier that is taken' {
            Register-CtrEvent -SourceIdentifier once
            { Register-CtrEvent -SourceIdentifier once } | Should -Throw -ErrorId 'SUBSCRIBER_EXISTS,*'
            Get-EventSubscriber | Should -HaveCount 1
        }
    }
}
