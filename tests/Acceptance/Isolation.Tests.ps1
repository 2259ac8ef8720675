BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer web -Image $image -Command $forever -Label @{ color = 'blue' } | Start-CtrTask
}
AfterAll { Close-Fixture }

Describe 'Side by side in this PowerShell' {
    It 'talks to the same daemon in ForEach-Object -Parallel' {
        $manifest = $manifest
        $said = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            Invoke-CtrExec web -- echo $_
        } -ThrottleLimit 4
        $said | Sort-Object | Should -Be 1, 2, 3, 4
    }

    It 'talks to the same daemon in a job of this process' {
        $job = Invoke-Aside { Import-Module $using:manifest; Get-CtrTask web }
        $task = $job | Receive-Job -Wait -AutoRemoveJob
        $task.Session | Should -Be $session
        $task | Invoke-CtrExec -- echo hello | Should -Be hello
    }

    It 'takes objects across runspaces' {
        Get-CtrContainer web | ForEach-Object -Parallel { Import-Module $using:manifest; ($_ | Get-CtrTask).Pid } | Should -Be (Get-CtrTask web).Pid
    }
}

Describe 'In another process' {
    BeforeAll {
        $address = $daemon.Address
        $brought = Start-Job {
            Import-Module $using:manifest
            $null = Connect-CtrSession $using:address -Namespace $using:name
            Get-CtrContainer web
            Get-CtrTask web
            Get-CtrImage
        } | Receive-Job -Wait -AutoRemoveJob
        $container, $task, $picture = $brought
    }

    It 'gives objects that can be read, to the depth of the spec' {
        $container.ContainerId | Should -Be web
        $container.CreatedAt | Should -BeOfType ([datetime])
        $container.Labels.color | Should -Be blue
        $container.Spec.Process.Args[0] | Should -Be sh
        $task.Status | Should -Be Running
        $task.Session.Address | Should -Be $daemon.Address
    }

    It 'gives objects that act nowhere, and say what to do instead' {
        { $task | Stop-CtrTask } | Should -Throw -ExpectedMessage '*job*ContainerId*'
        { $container | Remove-CtrContainer -Force } | Should -Throw -ExpectedMessage '*job*ContainerId*'
        { $task | Invoke-CtrExec -- true } | Should -Throw -ExpectedMessage '*job*ContainerId*'
        { $picture | Remove-CtrImage } | Should -Throw -ExpectedMessage '*job*'
        (Get-CtrTask web).Status | Should -Be Running
    }

    It 'gives the id that goes on from there' {
        (Get-CtrTask $task.ContainerId).Pid | Should -Be $task.Pid
    }

    It 'does not take a session that came from there' {
        $problem = { Get-CtrTask web -Session $task.Session } | Should -Throw -ErrorId 'SessionNotLive,*' -PassThru
        $problem.ErrorDetails.RecommendedAction | Should -BeLike "*Connect-CtrSession -Address $($daemon.Address)*"
    }
}

Describe 'On paper' {
    It 'is a JSON document' {
        $written = Get-CtrTask web | ConvertTo-Json | ConvertFrom-Json
        $written.ContainerId | Should -Be web
        $written.Session.Address | Should -Be $daemon.Address
    }

    It 'is a file, and comes back: <_>' -ForEach 'Get-CtrContainer', 'Get-CtrTask', 'Get-CtrImage', 'Get-CtrSession', 'Get-CtrDaemon', 'Get-CtrInfo', 'Get-CtrVersion' {
        $original = & $_ | Select-Object -Last 1
        $original | Export-Clixml TestDrive:/object.xml
        $back = Import-Clixml TestDrive:/object.xml
        foreach ($property in $original.PSObject.Properties.Name | Where-Object { $_ -notin 'Labels', 'RuntimeOptions', 'Extensions' }) { "$($back.$property)" | Should -Be "$($original.$property)" -Because $property }
    }
}
