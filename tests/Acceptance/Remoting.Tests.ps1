# PowerShell remoting supports everything that a session over SSH does not: the module runs on the daemon's host, and its objects are returned as values.
BeforeAll {
    . "$PSScriptRoot/common.ps1"
    # A separate host: a network namespace with a real sshd, which has PowerShell as a subsystem.
    $keys = (New-Item -ItemType Directory "$temp/image/ssh").FullName
    foreach ($key in 'hostkey', 'id') { ssh-keygen -q -t ed25519 -N '' -f "$keys/$key" }
    Copy-Item "$keys/id.pub" "$keys/authorized_keys"
    $far = "10.215.$($PID % 250).2"
    $near = "10.215.$($PID % 250).1"
    "[$far]:2222 $((Get-Content "$keys/hostkey.pub") -replace ' \S+$')" | Set-Content "$keys/known_hosts"
    New-Item -ItemType Directory -Force /run/sshd | Out-Null
    @"
ListenAddress $far
Port 2222
HostKey $keys/hostkey
PidFile none
AuthorizedKeysFile $keys/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem powershell $((Get-Process -Id $PID).Path) -sshs -NoLogo
"@ | Set-Content "$keys/sshd_config"
    ip netns add $name
    ip link add "ar$PID" type veth peer name eth0 netns $name
    ip addr add "$near/30" dev "ar$PID"
    ip link set "ar$PID" up
    ip -n $name addr add "$far/30" dev eth0
    ip -n $name link set eth0 up
    ip -n $name link set lo up
    $sshd = Start-Process ip -ArgumentList "netns exec $name /usr/sbin/sshd -D -e -f $keys/sshd_config" -PassThru -RedirectStandardError "$keys/log" -RedirectStandardOutput /dev/null
    Wait-Until { (Get-Content "$keys/log") -match 'Server listening' }
    $there = @{
        HostName = "root@$far"; Port = 2222; KeyFilePath = "$keys/id"
        Options = @{ UserKnownHostsFile = "$keys/known_hosts"; GlobalKnownHostsFile = '/dev/null'; IdentityAgent = 'none' }
    }
}

AfterAll {
    if ($sshd) { $sshd.Kill($true); $sshd.WaitForExit() }
    ip netns del $name
    Close-Fixture
}

Describe 'A host with a daemon' {
    AfterAll { Get-CtrContainer -Session $session | Remove-CtrContainer -Force }

    It 'has a session over SSH for what goes from afar, and refuses the rest with the way to it' {
        $ssh = Connect-CtrSession @there -Address $daemon.Address -Namespace $name -Name over-ssh
        try {
            New-CtrContainer web -Image $image -Session $ssh -Command $forever | Start-CtrTask -NoLog
            (Get-CtrTask web -Session $ssh).Status | Should -Be 'Running'
            $refused = { Invoke-CtrExec web -Session $ssh -ErrorAction Stop -- uname } | Should -Throw -ErrorId 'DaemonNotLocal,*' -PassThru
            $refused.ErrorDetails.RecommendedAction | Should -BeLike "*Invoke-Command -HostName root@$far -Port 2222*"
        }
        finally {
            Disconnect-CtrSession $ssh
        }
    }

    It 'does the rest through PowerShell remoting' {
        $result = Invoke-Command @there {
            Import-Module $using:manifest
            $null = Connect-CtrSession $using:daemon.Address -Namespace $using:name
            Invoke-CtrExec web -Command sh, -c, 'echo from there; echo error >&2' 6> $null
            Invoke-CtrExec web -PassThru -Command sh, -c, 'exit 3'
        }
        $result[0] | Should -Be 'from there'
        $result[1].ExitCode | Should -Be 3
        $result[1].PSObject.TypeNames[0] | Should -Be 'Deserialized.Containerd.CtrExecResult'
    }

    It 'sends objects back whose values can be read, at any depth' {
        $container, $task = Invoke-Command @there {
            Import-Module $using:manifest
            $null = Connect-CtrSession $using:daemon.Address -Namespace $using:name
            Get-CtrContainer web
            Get-CtrTask web
        }
        $container.ContainerId | Should -Be web
        $container.CreatedAt | Should -BeOfType datetime
        $container.Spec.Process.Args[0] | Should -Be sh
        $container.Session.Address | Should -Be $daemon.Address
        $container.PSComputerName | Should -Be $far
        $task.Status | Should -Be 'Running'
    }

    It 'refuses a copy that came back, and takes its id' {
        $copy = Invoke-Command @there {
            Import-Module $using:manifest
            $null = Connect-CtrSession $using:daemon.Address -Namespace $using:name
            Get-CtrTask web
        }
        { $copy | Stop-CtrTask -ErrorAction Stop } | Should -Throw
        (Stop-CtrTask $copy.ContainerId -Session $session -Timeout 5).ExitCode | Should -Be 0
    }
}
