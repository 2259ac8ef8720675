BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'An error' {
    AfterEach { Get-CtrContainer | Remove-CtrContainer -Force }

    It 'is caught by its type' {
        try { Get-CtrContainer missing; $caught = $false }
        catch [Containerd.CtrNotFoundException] { $caught = $true }
        $caught | Should -BeTrue
    }

    It 'carries an id, a category, its target and what to do' {
        Get-CtrContainer missing -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -Be 'ContainerNotFound,Containerd.PowerShell.GetCtrContainerCommand'
        $problem.CategoryInfo.Category | Should -Be ObjectNotFound
        $problem.TargetObject | Should -Be missing
        $problem.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'names a misspelt parameter instead of running it as a command' {
        { New-CtrContainer typo -Image $image -Memroy 64m -- true } | Should -Throw -ErrorId 'UnknownParameter,*'
        { Invoke-Expression 'New-CtrContainer typo -Image $image -Memroy 64m -- true' } | Should -Throw -ErrorId 'UnknownParameter,*'
        { New-CtrContainer typo -Image $image -Memroy 64m -- true | Out-String } | Should -Throw -ErrorId 'UnknownParameter,*'
        Get-CtrContainer typo* | Should -BeNullOrEmpty
    }

    It 'makes $? false and leaves the script running' {
        $ErrorActionPreference = 'SilentlyContinue'
        Get-CtrTask missing
        $? | Should -BeFalse
    }

    It 'shows what to do below the message' {
        $screen = pwsh -NoProfile -Command {
            param($manifest, $address)
            Import-Module $manifest
            $null = Connect-CtrSession $address
            Get-CtrContainer missing
        } -Args $manifest, $daemon.Address 2>&1 | Out-String
        $screen | Should -Match "no container 'missing'|'missing'"
        $screen | Should -Match 'Get-CtrContainer lists'
    }

    It 'is merged into the output with 2>&1' {
        $all = Get-CtrContainer missing -ErrorAction Continue 2>&1
        $all | Should -BeOfType ([Management.Automation.ErrorRecord])
    }
}

Describe 'Bad input' {
    AfterAll { Get-CtrContainer | Remove-CtrContainer -Force }

    It 'is an id that containerd does not take: <_>' -ForEach 'a/b', ('x' * 77), 'a b', '.', '-a' {
        { New-CtrContainer -Id $_ -Image $image } | Should -Throw -ErrorId 'InvalidId,*'
        Get-CtrContainer | Should -BeNullOrEmpty
    }

    It 'is an image that is not there' {
        $problem = { New-CtrContainer web -Image nothing:1 -Pull Never } | Should -Throw -ErrorId 'ImageNotFound,*' -PassThru
        $problem.CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'is a variable that was never set: <_>' -ForEach 'Get-CtrContainer', 'Get-CtrTask', 'Get-CtrImage', 'Get-CtrDaemon', 'Get-CtrSession', 'Remove-CtrContainer', 'Stop-CtrTask', 'Stop-CtrDaemon', 'Disconnect-CtrSession' {
        { & $_ $unset } | Should -Throw -ErrorId 'Parameter*,*' -ExpectedMessage '*null*'
        (Get-CtrSession).Name | Should -Be main
    }

    It 'is a spec that is no JSON' {
        { New-CtrContainer web -Image $image -SpecJson '{ "process": ' } | Should -Throw -ErrorId 'InvalidSpec,*'
        Get-CtrContainer | Should -BeNullOrEmpty
    }

    It 'is nothing to make a container from' {
        { New-CtrContainer web } | Should -Throw -ErrorId 'NoRootfs,*'
    }

    It 'is a value that does not convert: <parameter> <value>' -ForEach @(
        @{ parameter = 'Memory'; value = 'much' }
        @{ parameter = 'Mount'; value = 'nonsense' }
        @{ parameter = 'Ulimit'; value = 'nofile' }
        @{ parameter = 'StopSignal'; value = 'NOPE' }
        @{ parameter = 'CapAdd'; value = 'NOPE' }
    ) {
        $settings = @{ $parameter = $value }
        { New-CtrContainer web -Image $image @settings } | Should -Throw -ExpectedMessage "*$value*"
        Get-CtrContainer | Should -BeNullOrEmpty
    }

    It 'is an exec without a command, or in a container that does not run' {
        $null = New-CtrContainer web -Image $image
        { Invoke-CtrExec web } | Should -Throw -ErrorId 'NoCommand,*'
        { Invoke-CtrExec web -- true } | Should -Throw -ErrorId 'TaskNot*,*'
    }
}

Describe 'A daemon that is not there' {
    It 'ends the command with one error, however many items there are' {
        $private = Start-CtrDaemon "$name-gone"
        $gone = $private | Connect-CtrSession -Name gone
        $private | Stop-CtrDaemon
        $problem = { 'a', 'b' | Get-CtrContainer -Session $gone } | Should -Throw -ErrorId 'SocketNotFound,*' -PassThru
        $problem.Exception | Should -BeOfType ([Containerd.CtrConnectionException])
        Disconnect-CtrSession gone
    }
}
