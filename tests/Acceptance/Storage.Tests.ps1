# Stored objects, what keeps them and how their space is freed, for a user who knows ctr.
BeforeAll {
    . "$PSScriptRoot/common.ps1"
    function ctr { & (Get-Command ctr -CommandType Application)[0] --address ($daemon.Address -replace '^unix://') --namespace $name @args }
}
AfterAll { Close-Fixture }

Describe 'The content store' {
    It 'lists what ctr lists, and tells what each blob is' {
        (Get-CtrContent).Digest | Sort-Object | Should -Be (ctr content ls --quiet | Sort-Object)
        Get-CtrContent -Image $image | Sort-Object Kind | ForEach-Object Kind | Should -Be 'Manifest', 'Config', 'Layer'
    }

    It 'gives a manifest as an object, and a layer as a file' {
        $manifest = Get-CtrContent -Kind Manifest | Export-CtrContent | ConvertFrom-Json
        $file = Export-CtrContent $manifest.layers[0].digest TestDrive:/layer.tar.gz
        $file.Length | Should -Be $manifest.layers[0].size
        "sha256:$((Get-FileHash $file).Hash.ToLower())" | Should -Be $manifest.layers[0].digest

        # The same object that Get-Item returns, with mode, owner and size.
        $names = 'PSPath', 'PSDrive', 'PSIsContainer', 'FullName', 'UnixMode', 'User', 'Group', 'Size'
        $item = Get-Item TestDrive:/layer.tar.gz
        ($names | ForEach-Object { "$_=$($file.$_)" }) | Should -Be ($names | ForEach-Object { "$_=$($item.$_)" })
        $file.UnixMode | Should -BeLike '-rw*'
    }

    It 'takes files, bytes and texts, and ctr reads them' {
        Set-Content TestDrive:/text 'from a file' -NoNewline
        ctr content get (Import-CtrContent TestDrive:/text).Digest | Should -Be 'from a file'
        ctr content get (Get-Content TestDrive:/text -AsByteStream | Import-CtrContent).Digest | Should -Be 'from a file'
        $blob = Import-CtrContent -Value '{"made":"here"}' -Label @{ purpose = 'test' }
        ctr content get $blob.Digest | Should -Be '{"made":"here"}'
        (Get-CtrContent -Label @{ purpose = 't*' }).Digest | Should -Be $blob.Digest
        $blob, (Get-CtrContent -Filter "digest==$((Import-CtrContent TestDrive:/text).Digest)") | Remove-CtrContent
    }

    It 'refuses data with another digest, and leaves nothing of it' {
        { Import-CtrContent -Value x -ExpectedDigest "sha256:$('0' * 64)" } | Should -Throw -ErrorId 'DigestMismatch,*'
        Get-CtrIngest | Should -BeNullOrEmpty
        Get-CtrContent | Should -HaveCount 3
    }

    It 'does not break an image' {
        $problem = { Get-CtrContent -Kind Layer | Remove-CtrContent } | Should -Throw -ErrorId 'ContentInUse,*' -PassThru
        $problem.Exception.Message | Should -BeLike "*$image*"
    }
}

Describe 'A snapshot' {
    BeforeAll {
        $mount = (New-Item -ItemType Directory "$temp/mount").FullName
        $null = New-CtrSnapshot work -Image $image
    }
    AfterAll {
        Get-CtrSnapshot work, base, next -ErrorAction Ignore | Remove-CtrSnapshot
        Remove-Item $mount
    }

    It 'is what ctr lists' {
        (Get-CtrSnapshot).Name | Sort-Object | Should -Be (ctr snapshots ls | Select-Object -Skip 1 | ForEach-Object { ($_ -split '\s+')[0] } | Sort-Object)
    }

    It 'is mounted, written and dismounted' {
        $mounted = Mount-CtrSnapshot work $mount
        Set-Content "$mount/etc/motd" 'hello'
        (Get-CtrSnapshotMount $mount).Snapshot | Should -Be work
        { Remove-CtrSnapshot work } | Should -Throw -ErrorId 'SnapshotMounted,*'
        $mounted | Dismount-CtrSnapshot
        Get-ChildItem $mount | Should -BeNullOrEmpty
    }

    It 'gives what was changed as a layer' {
        Export-CtrSnapshot work TestDrive:/change.tar.gz | ForEach-Object FullName | Should -Exist
        tar -tzf (Get-Item TestDrive:/change.tar.gz).FullName | Should -Contain 'etc/motd'
    }

    It 'is committed, built upon, and removed with what was built' {
        $base = Save-CtrSnapshot work base
        $base.Kind | Should -Be Committed
        $null = $base | New-CtrSnapshot next
        { Remove-CtrSnapshot base } | Should -Throw -ErrorId 'SnapshotInUse,*' -ExpectedMessage "*'next'*"
        (Get-CtrSnapshot next -Usage).Inodes | Should -BeGreaterThan 0
        Get-CtrSnapshot base, next | Remove-CtrSnapshot
        { Get-CtrSnapshot base } | Should -Throw -ErrorId 'SnapshotNotFound,*'
    }
}

Describe 'A block under a lease' {
    It 'keeps what it makes until it ends' {
        $blob = Use-CtrLease {
            param($lease)
            $made = Import-CtrContent -Value 'for a while'
            (Get-CtrLease $lease.Id).Resources.Id | Should -Contain $made.Digest
            $null = ctr content prune references
            $made | Get-CtrContent
        }
        { $blob | Get-CtrContent } | Should -Throw -ErrorId 'ContentNotFound,*'
        Get-CtrLease | Should -BeNullOrEmpty
    }

    It 'ends when something is thrown in it' {
        { Use-CtrLease { $null = New-CtrSnapshot lost; throw 'no' } } | Should -Throw no
        Get-CtrLease | Should -BeNullOrEmpty
        Get-CtrSnapshot lost* | Should -BeNullOrEmpty
    }

    It 'shares its lease with parallel work that asks for it' {
        $held = Use-CtrLease {
            param($lease)
            $parts = 1..4 | ForEach-Object -Parallel {
                Import-Module $using:manifest
                $n = $_
                $using:lease | Use-CtrLease { Import-CtrContent -Value "part $n" }
            }
            $parts | Should -HaveCount 4
            @((Get-CtrLease $lease.Id).Resources).Count
        }
        $held | Should -Be 4
        Get-CtrContent -Kind Unknown | Should -BeNullOrEmpty
    }

    It 'leaves a lease that was there' {
        $lease = New-CtrLease kept -Expiry 1h
        $lease | Use-CtrLease { $null = Import-CtrContent -Value kept }
        ctr leases ls --quiet | Should -Contain kept
        (Get-CtrLease kept).Resources | Should -HaveCount 1
        $lease | Remove-CtrLease
        Get-CtrContent -Kind Unknown | Should -BeNullOrEmpty
    }
}

Describe 'What is taken on disk' {
    It 'is reported, with the reclaimable space' {
        $before = Measure-CtrStorage | Where-Object Kind -eq Content
        $before.Size | Should -Be (Get-CtrContent | Measure-Object Size -Sum).Sum
        $before.Reclaimable | Should -Be $before.Size
        $null = New-CtrContainer web -Image $image
        (Measure-CtrStorage | Where-Object Kind -eq Content).Reclaimable | Should -Be 0
        Remove-CtrContainer web
    }

    It 'shrinks when layers go that lie unpacked' {
        $layer = Get-CtrContent -Kind Layer
        (Clear-CtrContent).Digest | Should -Be $layer.Digest
        Invoke-CtrContainer $image -- echo runs | Should -Be runs
        Remove-CtrImage $image
        $null = Import-CtrImage $tar
    }
}
