BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'Importing an image' {
    BeforeEach { Get-CtrImage * | Remove-CtrImage }

    It 'takes an archive and gives the image' {
        $imported = Import-CtrImage $tar
        $imported.Name | Should -Be $image
        $imported.Platforms | Should -HaveCount 1
        $imported.Size | Should -BeGreaterThan 100KB
    }

    It 'takes files from Get-ChildItem' {
        (Get-ChildItem (Split-Path $tar) -Filter *.tar | Import-CtrImage).Name | Should -Be $image
    }

    It 'finds files the way PowerShell does: relative, by wildcard, on a drive' {
        Copy-Item $tar TestDrive:/busybox.tar
        (Import-CtrImage TestDrive:/busybox.tar).Name | Should -Be $image
        Push-Location TestDrive:/
        try { (Import-CtrImage ./busy*.tar).Name | Should -Be $image }
        finally { Pop-Location }
    }

    It 'gives the image labels' {
        (Import-CtrImage $tar -Label @{ team = 'blue' }).Labels['team'] | Should -Be blue
    }

    It 'leaves nothing of an archive that is cut off in the middle' {
        [IO.File]::WriteAllBytes("$TestDrive/cut.tar", [IO.File]::ReadAllBytes($tar)[0..300000])
        $problem = { Import-CtrImage "$TestDrive/cut.tar" } | Should -Throw -PassThru
        $problem.Exception | Should -BeOfType ([Containerd.CtrDataException])
        Get-CtrImage | Should -BeNullOrEmpty
        ctr --address ($daemon.Address -replace '^unix://') --namespace $name content ls --quiet | Should -BeNullOrEmpty
    }

    It 'says which file is missing' {
        { Import-CtrImage "$TestDrive/none.tar" } | Should -Throw -ErrorId 'FileNotFound,*' -ExpectedMessage '*none.tar*'
    }
}

Describe 'Finding an image' {
    BeforeAll { $null = Import-CtrImage $tar }

    It 'knows the short name that a person writes' {
        (Get-CtrImage busybox:test).Name | Should -Be $image
        (Get-CtrImage busy*).Name | Should -Be $image
    }

    It 'is an error by its full name and silence by a wildcard, where there is none' {
        { Get-CtrImage nothing } | Should -Throw -ErrorId 'ImageNotFound,*'
        Get-CtrImage nothing* | Should -BeNullOrEmpty
    }

    It 'is what ctr lists too' {
        ctr --address ($daemon.Address -replace '^unix://') --namespace $name images ls --quiet | Should -Be (Get-CtrImage).Name
    }
}

Describe 'Removing an image' {
    BeforeEach { $null = Import-CtrImage $tar }

    It 'frees its content and snapshots' {
        Get-CtrImage busybox:test | Remove-CtrImage
        Get-CtrImage | Should -BeNullOrEmpty
        ctr --address ($daemon.Address -replace '^unix://') --namespace $name content ls --quiet | Should -BeNullOrEmpty
        ctr --address ($daemon.Address -replace '^unix://') --namespace $name snapshots ls | Select-Object -Skip 1 | Should -BeNullOrEmpty
    }

    It 'names the containers that were made from it, which go on when it is forced' {
        $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
        { Remove-CtrImage busybox:test } | Should -Throw -ErrorId 'ImageInUse,*' -ExpectedMessage '*web*'
        Remove-CtrImage busybox:test -Force
        Invoke-CtrExec web -- echo alive | Should -Be alive
        Remove-CtrContainer web -Force
    }

    It 'is an error where there is none' {
        { Remove-CtrImage nothing } | Should -Throw -ErrorId 'ImageNotFound,*'
    }
}
