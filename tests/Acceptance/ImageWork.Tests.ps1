BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $socket = $daemon.Address -replace '^unix://'
}
AfterAll { Close-Fixture }

Describe 'An image of a container' {
    BeforeAll {
        $null = New-CtrContainer web -Image $image -Command 'sh', '-c', 'echo hello > /page; echo ready; while :; do sleep 0.1; done' | Start-CtrTask
        Wait-Until { (Get-CtrLog web) -contains 'ready' }
        $made = Get-CtrContainer web | New-CtrImage -Name web:changed -Entrypoint cat -Command /page -Label @{ team = 'blue' } -Message 'a page'
    }
    AfterAll { Remove-CtrContainer web -Force }

    It 'runs at once, with what was changed' {
        Invoke-CtrContainer -Image web:changed | Should -Be hello
        (Get-CtrTask web).Status | Should -Be Running
    }

    It 'says how it was made' {
        $detailed = Get-CtrImage web:changed -Detailed
        $detailed.History[-1].Comment | Should -Be 'a page'
        $detailed.Config.Labels['team'] | Should -Be blue
        $detailed.Layers | Should -HaveCount 2
    }

    It 'is whole, and stays whole when the garbage is collected' {
        ctr --address $socket --namespace $name leases create --id collect | Out-Null
        ctr --address $socket --namespace $name leases delete --sync collect | Out-Null
        Test-CtrImage web:changed -Quiet | Should -BeTrue
    }

    It 'goes to another namespace as an archive, and to skopeo' {
        $file = Export-CtrImage web:changed TestDrive:/web.tar.gz
        (Import-CtrImage $file -Namespace "$name-other").Digest | Should -Be $made.Digest
        (skopeo inspect "oci-archive:$($file.FullName)" | ConvertFrom-Json).Labels.team | Should -Be blue
        Remove-CtrImage web:changed -Namespace "$name-other"
    }

    It 'is not made over another one' {
        { New-CtrImage web web:changed } | Should -Throw -ErrorId 'ImageExists,*'
    }
}

Describe 'Archives' {
    It 'keep their digests on the way through ctr' {
        $file = Export-CtrImage $image TestDrive:/image.tar
        ctr --address $socket --namespace "$name-ctr" images import $file.FullName | Out-Null
        (Get-CtrImage $image -Namespace "$name-ctr").Digest | Should -Be (Get-CtrImage $image).Digest
        Remove-CtrImage $image -Namespace "$name-ctr"
    }

    It 'are not written of what is not all there' {
        { Export-CtrImage busybox:test, nothing TestDrive:/none.tar } | Should -Throw -ErrorId 'ImageNotFound,*'
        'TestDrive:/none.tar' | Should -Not -Exist
    }
}

Describe 'Names and labels' {
    It 'are added, found and cleared' {
        Set-CtrImage busybox:test -Tag team/app:1, team/app:2
        Set-CtrImage team/app:* -Label @{ stage = 'test' }
        (Get-CtrImage -Label @{ stage = 't*' }).Name | Should -Be 'docker.io/team/app:1', 'docker.io/team/app:2'
        $null = New-CtrContainer user -Image team/app:1 -Command true
        { Remove-CtrImage team/app:1 } | Should -Throw -ErrorId 'ImageInUse,*'
        (Clear-CtrImage -Label @{ stage = 'test' } -Confirm:$false).Removed | Should -BeNullOrEmpty
        Remove-CtrContainer user
        (Clear-CtrImage -Label @{ stage = 'test' } -Confirm:$false).Removed | Should -HaveCount 2
        (Get-CtrImage).Name | Should -Contain $image
    }
}

Describe 'The files of an image' {
    It 'are looked at, and nothing is left' {
        $place = New-Item -ItemType Directory "$TestDrive/place"
        Mount-CtrImage busybox:test $place | Out-Null
        try { Get-Content "$place/etc/passwd" | Should -Contain 'root:x:0:0:root:/root:/bin/sh' }
        finally { Dismount-CtrImage $place.FullName }
        Get-ChildItem $place | Should -BeNullOrEmpty
        Get-CtrSnapshot -Kind View | Should -BeNullOrEmpty
    }
}
