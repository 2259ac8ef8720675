BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'Connecting to a containerd' {
    AfterEach { Get-CtrSession | Where-Object Name -NE main | Disconnect-CtrSession }

    It 'takes the address of its socket and says what answered' {
        $opened = Connect-CtrSession $daemon.Address -Name here
        $opened.State | Should -Be 'Opened'
        $opened.Namespace | Should -Be 'default'
        $opened.Version | Should -Match '^\d+\.\d+'
    }

    It 'takes a daemon from the pipeline' {
        ($daemon | Connect-Ctr -Name piped).Address | Should -Be $daemon.Address
    }

    It 'refuses a second session of the same name' {
        { Connect-CtrSession $daemon.Address -Name main } | Should -Throw -ErrorId 'SessionExists,*'
    }

    It 'says within a second that there is no socket, and what to do' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $problem = { Connect-CtrSession /run/nothing-here.sock } | Should -Throw -ErrorId 'SocketNotFound,*' -PassThru
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 1
        $problem.CategoryInfo.Category | Should -Be 'ConnectionError'
        $problem.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}

Describe 'The default session' {
    BeforeAll {
        $other = "$name-b"
        New-CtrContainer here -Image $image -Command $forever
    }
    AfterEach { Get-CtrSession | Where-Object Name -NE main | Disconnect-CtrSession }
    AfterAll { Get-CtrContainer | Remove-CtrContainer -Force }

    It 'is what a cmdlet acts on that names none' {
        (Get-CtrContainer).ContainerId | Should -Be here
        (Get-CtrContainer).Session | Should -Be $session
    }

    It 'is the one that was opened last' {
        $null = Connect-CtrSession $daemon.Address -Name second -Namespace $other
        Get-CtrContainer | Should -BeNullOrEmpty
        (Get-CtrContainer -Session main).ContainerId | Should -Be here
    }

    It 'does not move an object: it acts where it came from' {
        $container = Get-CtrContainer here
        $null = Connect-CtrSession $daemon.Address -Name second -Namespace $other
        $task = $container | Start-CtrTask
        $task.Namespace | Should -Be $name
        ($task | Stop-CtrTask | Remove-CtrTask).ExitCode | Should -Be 0
    }

    It 'takes another namespace for one command' {
        Get-CtrContainer -Namespace $other | Should -BeNullOrEmpty
        (Get-CtrContainer -Namespace $name).ContainerId | Should -Be here
    }

    It 'is opened by the first cmdlet where there is none, to $env:CONTAINERD_ADDRESS' {
        $script = {
            param($manifest, $address, $namespace)
            $env:CONTAINERD_ADDRESS = $address
            $env:CONTAINERD_NAMESPACE = $namespace
            Import-Module $manifest
            (Get-CtrContainer).ContainerId
        }
        pwsh -NoProfile -Command $script -Args $manifest, $daemon.Address, $name | Should -Be here
    }
}

Describe 'Closing a session' {
    It 'closes it by name, and its objects say so' {
        $closing = Connect-CtrSession $daemon.Address -Name closing
        Disconnect-CtrSession closing
        $closing.State | Should -Be 'Closed'
        { Get-CtrContainer -Session $closing } | Should -Throw -ErrorId 'SessionClosed,*'
    }

    It 'does not know a session that is not open' {
        { Disconnect-CtrSession nobody } | Should -Throw -ErrorId 'SessionNotFound,*'
        Disconnect-CtrSession nobody*
    }

    It 'leaves the containers running' {
        $null = Connect-CtrSession $daemon.Address -Name brief -Namespace $name
        $null = New-CtrContainer stays -Image $image -Command $forever | Start-CtrTask
        Disconnect-CtrSession brief
        (Get-CtrTask stays -Session main).Status | Should -Be 'Running'
        Remove-CtrContainer stays -Force -Session main
    }
}

Describe 'What a daemon is' {
    It 'has a version' {
        $version = Get-CtrVersion
        $version.Version | Should -Be $session.Version
        $version.ClientVersion | Should -Be (Get-Module Containerd).Version.ToString()
    }

    It 'has snapshotters and services' {
        $info = Get-CtrInfo
        $info.Snapshotters | Should -Contain overlayfs
        $info.Services | Should -Contain tasks
        $info.Pid | Should -Be $daemon.Pid
    }
}
