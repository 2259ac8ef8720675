# containerd's own namespaces, plugins and runtimes.
BeforeAll {
    . "$PSScriptRoot/common.ps1"
    function ctr { & (Get-Command ctr -CommandType Application)[0] --address ($daemon.Address -replace '^unix://') --namespace $name @args }
}
AfterAll { Close-Fixture }

Describe 'A namespace' {
    AfterEach { Get-CtrNamespace "$name-*" | Remove-CtrNamespace -Force -Confirm:$false }

    It 'is made with labels, changed, and listed as ctr lists it' {
        $made = New-CtrNamespace "$name-new" -Label @{ team = 'blue' }
        $made.Labels['team'] | Should -Be blue
        $made | Set-CtrNamespace -Label @{ team = $null; tier = 'front' }
        ctr namespaces ls --quiet | Should -Contain "$name-new"
        (Get-CtrNamespace -Label @{ tier = 'f*' }).Name | Should -Be "$name-new"
        (Get-CtrNamespace).Name | Should -Be (ctr namespaces ls --quiet | Sort-Object)
    }

    It 'chooses the snapshotter' {
        $null = New-CtrNamespace "$name-native" -Label @{ 'containerd.io/defaults/snapshotter' = 'native' }
        (New-CtrSnapshot x -Namespace "$name-native").Snapshotter | Should -Be native
    }

    It 'says what is in it, and goes with all of that when it is forced' {
        $null = Import-CtrImage $tar -Namespace "$name-full"
        $task = New-CtrContainer web -Image $image -Command $forever -Namespace "$name-full" | Start-CtrTask
        $problem = { Remove-CtrNamespace "$name-full" -Confirm:$false } | Should -Throw -ErrorId 'NamespaceNotEmpty,*' -PassThru
        $problem.Exception.Message | Should -BeLike '*1 container (1 running), 1 image, 3 blobs, 2 snapshots.'
        Remove-CtrNamespace "$name-full" -Force -Confirm:$false
        ctr namespaces ls --quiet | Should -Not -Contain "$name-full"
        Wait-Until { -not (Test-Path "/proc/$($task.Pid)") }
    }

    It 'is asked about before it goes' {
        $null = New-CtrNamespace "$name-asked"
        # No user can answer here, and nothing is removed without confirmation.
        pwsh -NoProfile -NonInteractive -Command "Import-Module $manifest; `$null = Connect-CtrSession $($daemon.Address); Remove-CtrNamespace $name-asked" *> $null
        (Get-CtrNamespace "$name-asked").Name | Should -Be "$name-asked"
    }

    It 'is an error where there is none' {
        { Get-CtrNamespace "$name-none" } | Should -Throw -ErrorId 'NamespaceNotFound,*'
        { Remove-CtrNamespace "$name-none" -Confirm:$false } | Should -Throw -ErrorId 'NamespaceNotFound,*'
    }
}

Describe 'The daemon' {
    It 'tells its plugins as ctr does' {
        (Get-CtrPlugin).Id | Sort-Object | Should -Be (ctr plugins ls --quiet | Sort-Object)
        (Get-CtrPlugin overlayfs -Type *snapshotter*).State | Should -Be Loaded
    }

    It 'has a default runtime' {
        $runtime = Get-CtrRuntime | Where-Object IsDefault
        $runtime.Name | Should -Be io.containerd.runc.v2
        $runtime.ShimPath | Should -Exist
    }
}
