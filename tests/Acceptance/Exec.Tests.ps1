BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $task = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
}
AfterAll { Close-Fixture }

Describe 'A command in a running container' {
    It 'gives its output line by line' {
        Invoke-CtrExec web -- sh -c 'echo one; echo two' | Should -Be one, two
    }

    It 'is named by id, container or task' {
        Get-CtrContainer web | Invoke-CtrExec -- echo hello | Should -Be hello
        $task | Invoke-CtrExec -- echo hello | Should -Be hello
        Invoke-CtrExec $task -- echo hello | Should -Be hello
    }

    It 'gets its words as they were typed' {
        $word = 'two words'
        Invoke-CtrExec web -- printf '%s\n' $word '' -la 1,5p {} a=b "it's" '$x' --flag=1 | Should -Be 'two words', '', '-la', '1,5p', '{}', 'a=b', "it's", '$x', '--flag=1'
    }

    It 'runs as a user, in a folder, with an environment' {
        Invoke-CtrExec web -User app -WorkingDirectory /tmp -Env @{ COLOR = 'blue' } -- sh -c 'id -un; pwd; echo $COLOR' | Should -Be app, /tmp, blue
    }

    It 'reads what is piped into it' {
        'b', 'a' | Invoke-CtrExec web -- sort | Should -Be a, b
        1..1000 | Invoke-CtrExec web -- wc -l | ForEach-Object Trim | Should -Be 1000
    }

    It 'carries bytes as they are' {
        [byte[]] $bytes = 0..255
        $copy = , $bytes | Invoke-CtrExec web -AsByteStream -Raw -- cat
        Compare-Object $bytes $copy | Should -BeNullOrEmpty
    }

    It 'speaks UTF-8' {
        'grüße, 世界 🐳' | Invoke-CtrExec web -- cat | Should -Be 'grüße, 世界 🐳'
    }
}

Describe 'How a command ends' {
    It 'is a success with 0: $? and $LASTEXITCODE say so, whatever it wrote to standard error' {
        $null = Invoke-CtrExec web -- sh -c 'echo careful >&2' 6>&1
        $? | Should -BeTrue
        $LASTEXITCODE | Should -Be 0
    }

    It 'is one error with any other code, after all output' {
        $ErrorActionPreference = 'SilentlyContinue'
        $output = Invoke-CtrExec web -ErrorVariable problem -- sh -c 'echo before; exit 3'
        $? | Should -BeFalse
        $LASTEXITCODE | Should -Be 3
        $output | Should -Be before
        $problem.FullyQualifiedErrorId | Should -Be 'ProcessExitedNonZero,Containerd.PowerShell.InvokeCtrExecCommand'
        $problem.TargetObject.ExitCode | Should -Be 3
    }

    It 'ends a script that stops at errors, and is caught by its type' {
        $ErrorActionPreference = 'Stop'
        try { Invoke-CtrExec web -- false; $result = 'went on' }
        catch [Containerd.CtrProcessExitedException] { $result = $_.Exception.Exit.ExitCode }
        $result | Should -Be 1
    }

    It 'is a success with a code that is allowed' {
        Invoke-CtrExec web -AllowExitCode 0, 1 -- grep nobody-here /etc/passwd
        $? | Should -BeTrue
        $LASTEXITCODE | Should -Be 1
    }

    It 'is an object with -PassThru' {
        $result = Invoke-CtrExec web -PassThru -- sh -c 'echo out; echo err >&2; exit 3'
        $result.ExitCode | Should -Be 3
        $result.Output | Should -Be out
        $result.ErrorOutput | Should -Be err
    }

    It 'is a kill when its time is over' {
        { Invoke-CtrExec web -Timeout 300ms -- sleep 61 } | Should -Throw -ErrorId 'ProcessTimedOut,*'
        # On a busy machine the kill itself may take longer than the command.
        for ($try = 0; $try -lt 100 -and (Invoke-CtrExec web -- ps) -match 'sleep 61'; $try++) { Start-Sleep -Milliseconds 100 }
        (Invoke-CtrExec web -- ps) -match 'sleep 61' | Should -BeNullOrEmpty
    }

    It 'is a kill when the pipeline needs no more of its output' {
        Invoke-CtrExec web -- yes acceptance | Select-Object -First 1 | Should -Be acceptance
        Wait-Until { -not ((Invoke-CtrExec web -- ps) -match 'yes acceptance') }
    }

    It 'is a kill with Ctrl+C' {
        $shell = [powershell]::Create().AddScript('param($manifest) Import-Module $manifest; Invoke-CtrExec web -- sleep 62').AddArgument($manifest)
        $null = $shell.BeginInvoke()
        Wait-Until { (Invoke-CtrExec web -- ps) -match 'sleep 62' }
        $shell.Stop()
        Wait-Until { -not ((Invoke-CtrExec web -- ps) -match 'sleep 62') }
        $shell.Dispose()
    }

    It 'is the exit code of the script, where that passes it on' {
        pwsh -NoProfile -Command {
            param($manifest, $address, $namespace)
            Import-Module $manifest
            $null = Connect-CtrSession $address -Namespace $namespace
            Invoke-CtrExec web -- sh -c 'exit 3'
            exit $LASTEXITCODE
        } -Args $manifest, $daemon.Address, $name 2>$null
        $LASTEXITCODE | Should -Be 3
    }

    It 'says which program is not there' {
        { Invoke-CtrExec web -- no-such-program } | Should -Throw -ErrorId 'CommandNotFound,*' -ExpectedMessage '*no-such-program*'
    }
}

Describe 'Standard error' {
    It 'goes to the information stream, and so onto the screen but not into a variable' {
        Invoke-CtrExec web -InformationVariable told -- sh -c 'echo out; echo err >&2' 6>$null | Should -Be out
        $told.MessageData.Message | Should -Be err
        $told.Tags | Should -Contain StandardError
    }

    It 'is merged with 6>&1, and left alone by 2>&1' {
        $merged = Invoke-CtrExec web -- sh -c 'echo out; echo err >&2' 6>&1
        $merged | ForEach-Object { "$_" } | Sort-Object | Should -Be err, out
        Invoke-CtrExec web -- sh -c 'echo out; echo err >&2' 2>&1 6>$null | Should -Be out
    }

    It 'goes where one wants it' {
        Invoke-CtrExec web -StandardError Output -- sh -c 'echo err >&2' | Should -Be err
        Invoke-CtrExec web -StandardError Null -- sh -c 'echo err >&2' 6>&1 | Should -BeNullOrEmpty
        $problem = Invoke-CtrExec web -StandardError Error -ErrorAction Continue -- sh -c 'echo err >&2' 2>&1
        "$problem" | Should -Be err
        $problem | Should -BeOfType ([Management.Automation.ErrorRecord])
    }
}

Describe 'A command in the background' {
    It 'is an object that can be waited for, read and removed' {
        $process = Invoke-CtrExec web -Detach -- sh -c 'echo working; exit 5'
        $process.ContainerId | Should -Be web
        ($process | Wait-CtrTask).ExitCode | Should -Be 5
        $process | Get-CtrLog | Should -Be working
        ($process | Remove-CtrTask).ExecId | Should -Be $process.ExecId
    }

    It 'takes signals of its own' {
        $process = Invoke-CtrExec web -Detach -- sleep 1000
        $process | Send-CtrSignal -Signal KILL
        ($process | Wait-CtrTask -Timeout 10s).ExitCode | Should -Be 137
        $null = $process | Remove-CtrTask
        (Get-CtrTask web).Status | Should -Be Running
    }
}
