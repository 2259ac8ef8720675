# The runbooks of docs/runbooks: each with mocks and without containers, and on a real daemon.
BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $runbooks = "$repository/docs/runbooks"
    # A runbook runs in its own scope, like a user's script.
    $null = New-CtrContainer blue -Image $image -Command $forever | Start-CtrTask
}
AfterAll { Close-Fixture }

Describe 'Switch-BlueGreen' {
    AfterEach { Get-CtrContainer green* | Remove-CtrContainer -Force }

    It 'stops the old one when the new one is well' {
        (& "$runbooks/Switch-BlueGreen.ps1" -Blue blue -Green green -Image $image -Check true -With @{ Label = @{ tier = 'front' } }).ContainerId | Should -Be green
        (Get-CtrContainer green).Labels['tier'] | Should -Be front
        (Get-CtrContainer green).Spec.Process.Args | Should -Be (Get-CtrContainer blue).Spec.Process.Args
        (Get-CtrTask green).Status | Should -Be Running
        (Get-CtrTask blue).Status | Should -Be Stopped
        $null = Start-CtrTask blue
    }

    It 'leaves the old one alone when the new one is not' {
        { & "$runbooks/Switch-BlueGreen.ps1" -Blue blue -Green green -Image $image -Check false -Try 1 } | Should -Throw "*is not well*"
        (Get-CtrTask blue).Status | Should -Be Running
        Get-CtrContainer green* | Should -BeNullOrEmpty
    }

    It 'leaves it alone when the new one ends by itself' {
        { & "$runbooks/Switch-BlueGreen.ps1" -Blue blue -Green green -Image $image -Check true -Command sh, -c, 'echo no luck; exit 3' -Try 5; Start-Sleep 1 } | Should -Throw
        (Get-CtrTask blue).Status | Should -Be Running
        Get-CtrContainer green* | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        & "$runbooks/Switch-BlueGreen.ps1" -Blue blue -Green green -Image $image -Check true -WhatIf
        Get-CtrContainer green* | Should -BeNullOrEmpty
        (Get-CtrTask blue).Status | Should -Be Running
    }

    It 'asks for the same with mocks' {
        Mock Get-CtrContainer { [Containerd.CtrContainer]@{ ContainerId = 'blue'; Spec = @{ process = @{ args = @('serve') } } } }
        Mock New-CtrContainer { }
        Mock Start-CtrTask { [Containerd.CtrTask]@{ ContainerId = 'green'; Status = 'Running' } }
        Mock Get-CtrTask { [Containerd.CtrTask]@{ ContainerId = 'green'; Status = 'Running' } }
        Mock Invoke-CtrExec { [Containerd.CtrExecResult]@{ ContainerId = 'green'; ExitCode = 0 } }
        Mock Stop-CtrTask { [Containerd.CtrExit]@{ ContainerId = 'blue'; ExitCode = 0 } }
        $null = & "$runbooks/Switch-BlueGreen.ps1" -Blue blue -Green green -Image web:2 -Check ok
        Should -Invoke New-CtrContainer -Times 1 -Exactly -ParameterFilter { $Image -eq 'web:2' -and -not "$Entrypoint" -and $Command -eq 'serve' }
        Should -Invoke Stop-CtrTask -Times 1 -Exactly -ParameterFilter { $Id -eq 'blue' }
        Mock Get-CtrContainer { }
    }
}

Describe 'Watch-OutOfMemory' {
    It 'drains and starts again what ran out of memory' {
        $null = New-CtrContainer hungry -Image $image -Memory 8m -Label @{ tier = 'front' } -Command sh, -c, 'if [ -e /once ]; then sleep 1000; fi; until [ -e /go ]; do sleep 0.05; done; touch /once; x=a; while :; do x=$x$x; done'
        $watch = "$runbooks/Watch-OutOfMemory.ps1"
        $watching = Invoke-Aside { Import-Module $using:manifest; & $using:watch -Label @{ tier = 'front' } -MaxCount 1 -Timeout 60s -Verbose }
        Wait-Until { @(Get-Said $watching | Where-Object Message -eq 'Watching.').Count } 30
        $null = Start-CtrTask hungry
        Invoke-CtrExec hungry -- touch /go
        $row = $watching | Receive-Job -Wait -AutoRemoveJob
        $row.ContainerId | Should -Be hungry
        $row.ExitCode | Should -Be 137
        (Get-CtrTask hungry).Pid | Should -Be $row.Pid
        (Get-CtrContainer hungry).Labels.ContainsKey('drain') | Should -BeFalse
        Remove-CtrContainer hungry -Force
    }

    It 'asks for the same with mocks' {
        Mock Watch-CtrEvent { [Containerd.CtrEvent]@{ Type = 'Oom'; ContainerId = 'web'; Timestamp = '2026-01-31' } }
        Mock Set-CtrContainer { }
        Mock Stop-CtrTask { [Containerd.CtrExit]@{ ContainerId = 'web'; ExitCode = 137 } }
        Mock Start-CtrTask { [Containerd.CtrTask]@{ ContainerId = 'web'; Pid = 7 } }
        (& "$runbooks/Watch-OutOfMemory.ps1" -Label @{ a = 'b' }).Pid | Should -Be 7
        Should -Invoke Set-CtrContainer -Times 2 -Exactly
    }

    It 'goes on when one fails, unmarks it all the same, and starts none again for what was before' {
        Mock Watch-CtrEvent { 'bad', 'web', 'web' | ForEach-Object { [Containerd.CtrEvent]@{ Type = 'Oom'; ContainerId = $_; Timestamp = '2026-01-31' } } }
        Mock Set-CtrContainer { }
        Mock Stop-CtrTask { if ($Id -eq 'bad') { throw 'no such task' }; [Containerd.CtrExit]@{ ContainerId = 'web'; ExitCode = 137 } }
        Mock Start-CtrTask { [Containerd.CtrTask]@{ ContainerId = 'web'; Pid = 7 } }
        (& "$runbooks/Watch-OutOfMemory.ps1" -Label @{ a = 'b' } 2>$null).ContainerId | Should -Be web
        Should -Invoke Set-CtrContainer -Times 2 -Exactly -ParameterFilter { $Id -eq 'bad' }
        Should -Invoke Start-CtrTask -Times 1 -Exactly
    }
}

Describe 'Clear-OldImage' {
    It 'removes what is old and unused, and says what is left of a daemon that fails' {
        $null = Import-CtrImage $tar -Name old -Namespace "$name-images"
        $space = Connect-CtrSession $daemon.Address -Namespace "$name-images" -Name "$name-images"
        try {
            (& "$runbooks/Clear-OldImage.ps1" -OlderThan 1h -Session $space -Confirm:$false).Removed | Should -Be 0
            Start-Sleep -Milliseconds 1100
            $rows = & "$runbooks/Clear-OldImage.ps1" -OlderThan 1s -Session $space -Confirm:$false
            $rows.Removed | Should -BeGreaterThan 0
            $rows.Error | Should -BeNullOrEmpty
            Get-CtrImage -Session $space | Should -BeNullOrEmpty
        }
        finally { Disconnect-CtrSession $space }
        (& "$runbooks/Clear-OldImage.ps1" -OlderThan 1s -Session $space -Confirm:$false).Error | Should -BeLike '*closed*'
    }

    It 'asks for the same with mocks' {
        Mock Get-CtrVersion { [Containerd.CtrVersion]@{ Session = [Containerd.CtrSession]@{ Name = 'prod' } } }
        Mock Clear-CtrImage { [Containerd.CtrImageCleanup]@{ Removed = 'a', 'b'; Freed = 1024 } }
        $row = & "$runbooks/Clear-OldImage.ps1" -OlderThan 168h -Confirm:$false
        $row.Removed | Should -Be 2
        Should -Invoke Clear-CtrImage -Times 1 -Exactly -ParameterFilter { $ExceptLabel.keep -eq 'true' }
    }
}

Describe 'Test-Canary' {
    It 'tells the well from the ill and the slow' {
        foreach ($id in 'canary-well', 'canary-ill', 'canary-slow') { $null = New-CtrContainer $id -Image $image -Command $forever | Start-CtrTask }
        $rows = & "$runbooks/Test-Canary.ps1" canary-* -Timeout 5s -Check sh, -c, 'case $(hostname) in *ill) exit 4;; *slow) sleep 60;; esac'
        ($rows | Where-Object IsWell).ContainerId | Should -Be canary-well
        ($rows | Where-Object ContainerId -eq canary-ill).Reason | Should -Be 'exit code 4'
        ($rows | Where-Object ContainerId -eq canary-slow).Reason | Should -Be 'no answer within 5s'
        Get-CtrContainer canary-* | Remove-CtrContainer -Force
    }

    It 'asks for the same with mocks' {
        Mock Get-CtrTask { [Containerd.CtrTask]@{ ContainerId = 'web'; Status = 'Running' } }
        Mock Invoke-CtrExec { [Containerd.CtrExecResult]@{ ContainerId = 'web'; ExitCode = 1 } }
        (& "$runbooks/Test-Canary.ps1" web -Check true).IsWell | Should -BeFalse
    }
}

Describe 'Get-FleetReport' {
    It 'has a row for each daemon, those that do not answer among them' {
        $others = foreach ($i in 1, 2) { $d = Start-CtrDaemon "$name-$i"; Connect-CtrSession $d.Address -Name "$name-$i" }
        Stop-CtrDaemon "$name-2" -Force
        $rows = & "$runbooks/Get-FleetReport.ps1" -Session (@($session) + $others)
        $rows.Count | Should -Be 3
        $rows[0].Running | Should -Be 1
        $rows[0].Storage | Should -BeGreaterThan 1MB
        $rows[1].Containers | Should -Be 0
        $rows[2].Error | Should -Not -BeNullOrEmpty
        $others | Disconnect-CtrSession
        Stop-CtrDaemon "$name-1" -Force
    }

    It 'asks for the same with mocks' {
        Mock Get-CtrVersion { [Containerd.CtrVersion]@{ Version = '2.1' } }
        Mock Get-CtrContainer { [Containerd.CtrContainer]@{ ContainerId = 'a' } }
        Mock Get-CtrTask { }
        Mock Get-CtrImage { }
        Mock Measure-CtrStorage { [Containerd.CtrStorageUsage]@{ Kind = 'Content'; Size = 5; Reclaimable = 2 } }
        $row = & "$runbooks/Get-FleetReport.ps1" -Session ([Containerd.CtrSession]@{ Name = 'prod' })
        $row.Session, $row.Version, $row.Containers, $row.Running | Should -Be prod, '2.1', 1, 0
        $row.Reclaimable | Should -Be 2
    }
}
