BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'A private containerd' {
    AfterEach { Get-CtrDaemon "$name-*" | Stop-CtrDaemon -Force }

    It 'starts with a line, and answers' {
        $private = Start-CtrDaemon "$name-one"
        $private.State | Should -Be 'Running'
        $opened = $private | Connect-CtrSession -Name one
        (Get-CtrVersion -Session $opened).Version | Should -Be $opened.Version
        Disconnect-CtrSession one
    }

    It 'is listed by every PowerShell of this machine' {
        pwsh -NoProfile -Command { param($manifest, $name) Import-Module $manifest; (Get-CtrDaemon $name).Pid } -Args $manifest, $name | Should -Be $daemon.Pid
    }

    It 'has a name of its own' {
        { Start-CtrDaemon $name } | Should -Throw -ErrorId 'DaemonExists,*'
    }

    It 'comes back when it is killed, and its tasks and sessions go on' {
        $task = New-CtrContainer survivor -Image $image -Command $forever | Start-CtrTask
        Stop-Process -Id (Get-CtrDaemon $name).Pid -Force
        Wait-Until { (Get-CtrDaemon $name).Pid -notin 0, $daemon.Pid -and (Get-CtrDaemon $name).State -eq 'Running' }
        Wait-Until { try { (Get-CtrTask survivor).Pid -eq $task.Pid } catch { $false } }
        Remove-CtrContainer survivor -Force
    }

    It 'does not stop under a running task, unless forced' {
        $private = Start-CtrDaemon "$name-busy"
        $opened = $private | Connect-CtrSession -Name busy -Namespace "$name-busy"
        $null = Import-CtrImage $tar
        $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
        { Stop-CtrDaemon "$name-busy" } | Should -Throw -ErrorId 'DaemonHasTasks,*'
        Stop-CtrDaemon "$name-busy" -Force
        Get-CtrDaemon "$name-busy*" | Should -BeNullOrEmpty
        Disconnect-CtrSession busy
    }

    It 'keeps its data where a path says so' {
        $data = Join-Path $TestDrive data
        Start-CtrDaemon "$name-kept" -Path $data | Stop-CtrDaemon
        Test-Path $data | Should -BeTrue
        Start-CtrDaemon "$name-kept" -Path $data | Stop-CtrDaemon -RemoveData
        Test-Path $data | Should -BeFalse
    }

    It 'ends with the PowerShell that started it' {
        pwsh -NoProfile -Command { param($manifest, $name) Import-Module $manifest; $null = Start-CtrDaemon $name } -Args $manifest, "$name-brief"
        Wait-Until { -not (Get-CtrDaemon "$name-brief*") }
    }

    It 'outlives it when it is detached' {
        pwsh -NoProfile -Command { param($manifest, $name) Import-Module $manifest; $null = Start-CtrDaemon $name -Detached } -Args $manifest, "$name-long"
        (Get-CtrDaemon "$name-long").State | Should -Be 'Running'
    }

    It 'is a plain error where there is no such daemon' {
        { Get-CtrDaemon nobody } | Should -Throw -ErrorId 'DaemonNotFound,*'
        { Stop-CtrDaemon nobody } | Should -Throw -ErrorId 'DaemonNotFound,*'
        Get-CtrDaemon nobody* | Should -BeNullOrEmpty
    }

    It 'leaves nothing: no process, mount, socket or folder' {
        $private = Start-CtrDaemon "$name-clean"
        $opened = $private | Connect-CtrSession -Name clean -Namespace "$name-clean"
        $null = Import-CtrImage $tar
        $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
        $private | Stop-CtrDaemon -Force
        Disconnect-CtrSession clean
        Get-Leftover | Where-Object { $_ -match "$name-clean" } | Should -BeNullOrEmpty
    }
}
