BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer job -Image $image -Command sh, -c, 'echo one; echo two; echo oops >&2; echo three' | Start-CtrTask | Wait-CtrTask
}
AfterAll { Close-Fixture }

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

    It 'is not stored with NoLog' {
        $null = New-CtrContainer quiet -Image $image -Command echo, hello | Start-CtrTask -NoLog | Wait-CtrTask
        { Get-CtrLog quiet } | Should -Throw -ErrorId 'LogNotFound,*'
    }

    It 'is followed until the task ends' {
        $null = New-CtrContainer steps -Image $image -Command sh, -c, 'for i in 1 2 3; do echo step $i; sleep 0.3; done' | Start-CtrTask
        Get-CtrLog steps -Follow | Should -Be 'step 1', 'step 2', 'step 3'
        (Get-CtrTask steps).Status | Should -Be Stopped
    }

    It 'is followed in a job while this shell goes on' {
        $null = New-CtrContainer aside -Image $image -Command sh, -c, 'echo begun; while [ ! -e /go ]; do sleep 0.1; done; echo done' | Start-CtrTask
        $job = Invoke-Aside { Import-Module $using:manifest; Get-CtrLog aside -Follow -Session $using:session }
        Invoke-CtrExec aside -- touch /go
        $job | Receive-Job -Wait -AutoRemoveJob | Should -Be begun, done
    }

    It 'says on the screen whose each line is' {
        (Get-CtrLog job, job2 -Tail 1 | Out-String).Trim() -split '\r?\n' | Should -Be 'job | oops', 'job2 | other'
    }

    It 'has times where they were asked for' {
        $before = Get-Date
        $null = New-CtrContainer timed -Image $image -Command sh, -c, 'echo first; sleep 0.3; echo oops >&2; sleep 0.3; echo last' | Start-CtrTask -LogFormat Timestamped | Wait-CtrTask
        $lines = Get-CtrLog timed
        $lines | Should -Be first, oops, last
        $lines[0].Time | Should -BeGreaterThan $before
        Get-CtrLog timed -Since $lines[1].Time | Should -Be oops, last
        Get-CtrLog timed -Since 10m -Until $lines[1].Time | Should -Be first, oops
        Get-CtrLog timed -Tail 1 -Timestamps | Should -Be "$($lines[2].Time.ToString('O')) last"
    }

    It 'refuses a question about times where there are none' {
        { Get-CtrLog job -Since 10m } | Should -Throw -ErrorId 'LogNotTimestamped,*'
    }

    It 'stays within its limit and ends with the newest line' {
        $null = New-CtrContainer chatty -Image $image -Command seq, 1, 50000 | Start-CtrTask -LogMaxSize 64KB -LogMaxFiles 2 | Wait-CtrTask | Remove-CtrTask
        $lines = Get-CtrLog chatty
        $lines[-1].Text | Should -Be 50000
        $lines.Count | Should -BeLessThan 5000
    }

    It 'is an error of a container that is not there' {
        { Get-CtrLog nobody } | Should -Throw -ErrorId 'ContainerNotFound,*'
    }
}
