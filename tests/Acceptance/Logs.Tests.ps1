BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer job -Image $image -Command sh, -c, 'echo one; echo two; echo oops >&2; echo three' | Start-CtrTask | Wait-CtrTask
}
AfterAll { Stop-Scene }

Describe 'What a container wrote' {
    It 'is there as lines' {
        Get-CtrLog job | Should -Be one, two, three, oops
    }

    It 'is there by stream' {
        Get-CtrLog job -Stream Stdout | Should -Be one, two, three
        Get-CtrLog job -Stream Stderr | Should -Be oops
    }

    It 'knows with each line where it came from' {
        $line = Get-CtrLog job | Where-Object Stream -EQ Stderr
        $line | Should -Be oops
        $line.ContainerId | Should -Be job
        $line.Start | Should -Be 1
    }

    It 'is there from the end' {
        Get-CtrLog job -Stream Stdout -Tail 2 | Should -Be two, three
    }

    It 'is searched like any text' {
        Get-CtrLog job | Select-String '^t' | ForEach-Object Line | Should -Be two, three
    }

    It 'is there of several containers' {
        $null = New-CtrContainer job2 -Image $image -Command echo, other | Start-CtrTask | Wait-CtrTask
        (Get-CtrContainer job* | Get-CtrLog -Tail 1).ContainerId | Should -Be job, job2
    }

    It 'outlives the PowerShell that started the task' {
        pwsh -NoProfile -Command {
            param($manifest, $address, $namespace, $image)
            Import-Module $manifest
            $null = Connect-CtrSession $address -Namespace $namespace
            $null = New-CtrContainer slow -Image $image -Command sh, -c, 'echo started; sleep 1; echo finished' | Start-CtrTask
        } -Args $manifest, $daemon.Address, $name, $image
        $null = Wait-CtrTask slow -Timeout 10s
        Get-CtrLog slow | Should -Be started, finished
    }

    It 'goes to a file of one''s own' {
        $null = New-CtrContainer filed -Image $image -Command sh, -c, 'echo out; echo err >&2' | Start-CtrTask -LogPath TestDrive:/filed.log | Wait-CtrTask
        Get-Content TestDrive:/filed.log | Sort-Object | Should -Be err, out
    }

    It 'is not kept where nobody wants it' {
        $null = New-CtrContainer quiet -Image $image -Command echo, hello | Start-CtrTask -NoLog | Wait-CtrTask
        { Get-CtrLog quiet } | Should -Throw -ErrorId 'LogNotFound,*'
    }

    It 'is an error of a container that is not there' {
        { Get-CtrLog nobody } | Should -Throw -ErrorId 'ContainerNotFound,*'
    }
}
