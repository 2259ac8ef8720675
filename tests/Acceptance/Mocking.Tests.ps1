# How to test a runbook that calls this module: with mocks, and without containers.
BeforeAll {
    . "$PSScriptRoot/common.ps1"

    # The runbook: it stops and reports tasks that run for too long.
    function Clear-StaleTask([string] $Like) {
        foreach ($task in Get-CtrTask $Like -Status Running) {
            $exit = $task | Stop-CtrTask -Timeout 5s -Signal INT
            if ($exit.ExitCode -ne 0) { Write-Warning "$task ended with $($exit.ExitCode)" }
            Remove-CtrContainer $task.ContainerId
        }
    }
}
AfterAll { Close-Fixture }

Describe 'A runbook, tested with mocks' {
    BeforeAll {
        Mock Get-CtrTask { [Containerd.CtrTask]@{ ContainerId = 'batch'; Pid = 4711; Status = 'Running' } }
        Mock Stop-CtrTask { [Containerd.CtrExit]@{ ContainerId = 'batch'; ExitCode = 137; ExitedAt = '2026-01-31' } }
        Mock Remove-CtrContainer { }
    }

    It 'stops, warns and removes' {
        Clear-StaleTask 'batch*' -WarningVariable warning 3>$null
        Should -Invoke Get-CtrTask -Times 1 -Exactly -ParameterFilter { $Id -eq 'batch*' -and $Status -eq 'Running' }
        Should -Invoke Stop-CtrTask -Times 1 -Exactly
        Should -Invoke Remove-CtrContainer -Times 1 -Exactly -ParameterFilter { $Id -eq 'batch' }
    }

    It 'hands durations and signals on as values, though they were typed as texts' {
        $null = Clear-StaleTask 'batch*' 3>$null
        Should -Invoke Stop-CtrTask -ParameterFilter { $Timeout.TimeSpan.TotalSeconds -eq 5 -and $Signal.Name -eq 'SIGINT' }
    }
}

Describe 'A mock of any command' {
    It 'takes sizes, mounts and limits as texts' {
        Mock New-CtrContainer { [Containerd.CtrContainer]@{ ContainerId = $Id[0] } }
        (New-CtrContainer web -Image x -Memory 512m -Mount /a:/b:ro -Ulimit nofile=1024 -StopSignal HUP).ContainerId | Should -Be web
        Should -Invoke New-CtrContainer -ParameterFilter { $Memory.Bytes -eq 512MB -and $Mount[0].ReadOnly -and $Ulimit[0].Soft -eq 1024 -and $StopSignal.Number -eq 1 }
    }

    It 'sees how times and sizes were typed' {
        Mock Clear-CtrImage { 'mocked' }
        Mock Invoke-CtrExec { 'mocked' }
        Mock New-CtrContainer { 'mocked' }
        $null = Clear-CtrImage -OlderThan 7d
        $null = Clear-CtrImage -OlderThan:90m
        $null = Invoke-CtrExec web -Timeout 500us -- true
        $null = Invoke-CtrExec web -Timeout 10s -- true
        $null = New-CtrContainer web -Image x -Memory 64mb -CpusetCpus 0,1
        Should -Invoke Clear-CtrImage -Times 1 -Exactly -ParameterFilter { $OlderThan.TotalSeconds -eq 7 * 86400 }
        Should -Invoke Clear-CtrImage -Times 1 -Exactly -ParameterFilter { $OlderThan.TotalSeconds -eq 90 * 60 }
        Should -Invoke Invoke-CtrExec -Times 1 -Exactly -ParameterFilter { $Timeout.TimeSpan.Ticks -eq 5000 }
        Should -Invoke Invoke-CtrExec -Times 1 -Exactly -ParameterFilter { $Timeout.TotalSeconds -eq 10 }
        Should -Invoke New-CtrContainer -Times 1 -Exactly -ParameterFilter { $Memory.Bytes -eq 64MB -and "$CpusetCpus" -eq '0 1' }
        $week = 7d
        { Clear-CtrImage -OlderThan $week } | Should -Throw '*quotes*'
        { Invoke-CtrExec web -Timeout 7l -- true } | Should -Throw '*7l*'
    }

    It 'is possible: <_>' -ForEach (Import-PowerShellDataFile "$PSScriptRoot/../../out/Containerd/Containerd.psd1").CmdletsToExport {
        Mock $_ { 'mocked' }
        $mandatory = @{}
        foreach ($parameter in (Get-Command $_ -CommandType Cmdlet).ParameterSets.Where({ $_.IsDefault -or $_.Name -eq '__AllParameterSets' })[0].Parameters.Where({ $_.IsMandatory })) {
            $mandatory[$parameter.Name] = if ($parameter.Name -eq 'Signal') { 'TERM' } elseif ($parameter.ParameterType -eq [int]) { 1 } elseif ($parameter.ParameterType -eq [scriptblock]) { { } } elseif ($parameter.ParameterType -eq [hashtable]) { @{ a = 'b' } } elseif ($parameter.ParameterType -eq [pscredential]) { [pscredential]::new('x', [securestring]::new()) } else { 'x' }
        }
        & $_ @mandatory | Should -Be mocked
    }
}

Describe 'Objects for mocks' {
    It 'are made of a hashtable: <type>' -ForEach @(
        @{ type = 'CtrTask'; values = @{ ContainerId = 'web'; Pid = 1; Status = 'Paused'; ExitCode = $null } }
        @{ type = 'CtrContainer'; values = @{ ContainerId = 'web'; Image = 'busybox'; CreatedAt = [datetime] '2026-01-31' } }
        @{ type = 'CtrExit'; values = @{ ContainerId = 'web'; ExitCode = 3 } }
        @{ type = 'CtrProcess'; values = @{ ContainerId = 'web'; ExecId = 'x'; Command = 'ls', '-la' } }
        @{ type = 'CtrExecResult'; values = @{ ContainerId = 'web'; ExitCode = 0; Output = 'hello' } }
        @{ type = 'CtrImage'; values = @{ Name = 'busybox'; Platforms = 'linux/amd64', 'linux/arm64' } }
        @{ type = 'CtrSnapshot'; values = @{ Name = 'base'; Kind = 'Committed'; Size = 4096 } }
        @{ type = 'CtrContent'; values = @{ Digest = 'sha256:00'; Size = 5; Kind = 'Layer' } }
        @{ type = 'CtrLease'; values = @{ Id = 'mine'; ExpiresAt = [datetime] '2026-01-31' } }
        @{ type = 'CtrNamespace'; values = @{ Name = 'prod' } }
        @{ type = 'CtrStorageUsage'; values = @{ Kind = 'Content'; Size = 5; Reclaimable = 3 } }
        @{ type = 'CtrSession'; values = @{ Name = 'main'; Address = 'unix:///x' } }
        @{ type = 'CtrDaemon'; values = @{ Name = 'demo'; State = 'Running' } }
    ) {
        $made = [Management.Automation.LanguagePrimitives]::ConvertTo($values, "Containerd.$type" -as [type])
        foreach ($value in $values.GetEnumerator()) { $made.($value.Key) | Should -Be $value.Value }
    }

    It 'take labels as a hashtable' {
        ([Containerd.CtrContainer]@{ ContainerId = 'web'; Labels = @{ color = 'blue' } }).Labels['color'] | Should -Be blue
    }

    It 'are sizes, durations and signals, too' {
        ([Containerd.CtrSize] '64m').Bytes | Should -Be 64MB
        [Containerd.CtrSize] '64m' -lt 1GB | Should -BeTrue
        ([Containerd.CtrDuration] '1m30s').TimeSpan | Should -Be ([timespan]::FromSeconds(90))
        ([Containerd.CtrSignal] 'SIGTERM').Number | Should -Be 15
    }
}
