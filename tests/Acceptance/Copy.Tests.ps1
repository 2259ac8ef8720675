BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
    $null = New-CtrContainer resting -Image $image -Command true
}
AfterAll { Close-Fixture }

Describe 'A file goes in and comes out' {
    It 'by paths as docker cp has them' {
        Set-Content TestDrive:/app.conf 'listen 8080'
        Copy-CtrItem TestDrive:/app.conf web:/etc/
        Invoke-CtrExec web -- cat /etc/app.conf | Should -Be 'listen 8080'
        Copy-CtrItem web:/etc/app.conf TestDrive:/back.conf
        Get-Content TestDrive:/back.conf | Should -Be 'listen 8080'
    }

    It 'with the container named apart, as Copy-Item has sessions' {
        Copy-CtrItem -Path /etc/passwd -Destination TestDrive: -FromContainer (Get-CtrContainer web)
        'TestDrive:/passwd' | Should -FileContentMatch '^root:'
        Copy-CtrItem TestDrive:/passwd /tmp/users -ToContainer web
        Invoke-CtrExec web -- head -n 1 /tmp/users | Should -Match '^root:'
    }

    It 'before the container has ever run' {
        Set-Content TestDrive:/early 'early'
        Copy-CtrItem TestDrive:/early resting:/srv/app/ -Force
        Copy-CtrItem resting:/srv/app/early TestDrive:/late
        Get-Content TestDrive:/late | Should -Be early
        Copy-CtrItem resting:/srv/app web:/srv -Recurse
        Invoke-CtrExec web -- cat /srv/early | Should -Be early
    }

    It 'from where the prompt is' {
        Push-Location TestDrive:/
        try {
            Copy-CtrItem web:/etc/group
            './group' | Should -Exist
            Copy-CtrItem ./group web:/tmp/from-here
        }
        finally { Pop-Location }
        Invoke-CtrExec web -- test -s /tmp/from-here
        $LASTEXITCODE | Should -Be 0
    }

    It 'by Ctrl+Space' {
        (TabExpansion2 'Copy-CtrItem web:/etc/pass').CompletionMatches.CompletionText | Should -Be 'web:/etc/passwd'
        (TabExpansion2 'Copy-CtrItem we').CompletionMatches.CompletionText | Should -Contain 'web:'
        Set-Content TestDrive:/complete.me x
        Push-Location TestDrive:/
        try { (TabExpansion2 'Copy-CtrItem ./comp').CompletionMatches.CompletionText | Should -Be './complete.me' }
        finally { Pop-Location }
    }
}

Describe 'A drive that is named like a container' {
    It 'hides it, but for -FromContainer' {
        Set-Content TestDrive:/passwd 'on the drive'
        $null = New-PSDrive -Name web -PSProvider FileSystem -Root (Get-Item TestDrive:/).FullName
        try {
            Copy-CtrItem web:/passwd resting:/tmp
            Copy-CtrItem resting:/tmp/passwd TestDrive:/came
            Get-Content TestDrive:/came | Should -Be 'on the drive'
            Copy-CtrItem /etc/passwd TestDrive:/came -FromContainer web
            'TestDrive:/came' | Should -FileContentMatch '^root:'
        }
        finally { Remove-PSDrive web }
    }
}

Describe 'Many files' {
    BeforeAll {
        $null = New-Item -ItemType Directory TestDrive:/tree/sub -Force
        1..3 | ForEach-Object { Set-Content "TestDrive:/tree/sub/$_.txt" $_ }
        $null = New-Item -ItemType SymbolicLink TestDrive:/tree/link -Target sub/1.txt
    }

    It 'go as a tree' {
        $item = Copy-CtrItem TestDrive:/tree web:/srv -Recurse -PassThru
        $item | Should -BeOfType Containerd.CtrCopiedItem
        $item.Destination | Should -Be web:/srv/tree
        $item.Files, $item.Directories, $item.SymbolicLinks | Should -Be 3, 2, 1
        Invoke-CtrExec web -- readlink /srv/tree/link | Should -Be sub/1.txt
    }

    It 'go through the pipeline' {
        Get-ChildItem TestDrive:/tree/sub/*.txt | Copy-CtrItem -Destination web:/tmp
        Invoke-CtrExec web -- sh -c 'cat /tmp/[123].txt' | Should -Be 1, 2, 3
    }

    It 'come by wildcards' {
        $null = New-Item -ItemType Directory TestDrive:/taken
        Copy-CtrItem web:/tmp/[12].* TestDrive:/taken
        (Get-ChildItem TestDrive:/taken).Name | Should -Be 1.txt, 2.txt
    }

    It 'come from several containers' {
        Get-CtrContainer web, resting | Copy-CtrItem :/etc/passwd -Destination { "TestDrive:/$($_.ContainerId)" }
        'TestDrive:/web', 'TestDrive:/resting' | Should -Exist
    }

    It 'can be read as soon as they are here' {
        Copy-CtrItem web:/srv/tree/sub/2.txt TestDrive:/two -PassThru | Get-Content | Should -Be 2
    }
}

Describe 'What Copy-CtrItem refuses' {
    It 'is a directory without -Recurse' {
        { Copy-CtrItem web:/etc TestDrive:/ } | Should -Throw -ErrorId 'SourceIsDirectory,*'
    }

    It 'is what is not there' {
        { Copy-CtrItem web:/no/such TestDrive:/ } | Should -Throw -ErrorId 'PathNotFound,*'
        { Copy-CtrItem nobody:/etc/passwd TestDrive:/ } | Should -Throw -ErrorId 'ContainerNotFound,*'
        { Copy-CtrItem web:/etc/passwd TestDrive:/no/such/dir } | Should -Throw -ErrorId 'ParentNotFound,*'
    }

    It 'is a copy that no container has a part in' {
        { Copy-CtrItem TestDrive:/a TestDrive:/b } | Should -Throw -ErrorId 'NoContainer,*'
    }

    It 'is to replace what is read-only' {
        Set-Content TestDrive:/new 'new'
        $null = Invoke-CtrExec web -- sh -c 'echo old > /tmp/ro; chmod 444 /tmp/ro'
        { Copy-CtrItem TestDrive:/new web:/tmp/ro } | Should -Throw -ErrorId 'FileReadOnly,*'
        Copy-CtrItem TestDrive:/new web:/tmp/ro -Force
        Invoke-CtrExec web -- cat /tmp/ro | Should -Be new
    }

    It 'is to lose one of two files of one name' {
        $null = Invoke-CtrExec web -- sh -c 'mkdir -p /x/a /x/b; echo a > /x/a/f; echo b > /x/b/f'
        $null = New-Item -ItemType Directory TestDrive:/same
        { Copy-CtrItem web:/x/*/f TestDrive:/same } | Should -Throw -ErrorId 'JustCopied,*'
        Get-Content TestDrive:/same/f | Should -Be a
    }

    It 'is nothing with -WhatIf, but nothing is copied' {
        Copy-CtrItem web:/etc/passwd TestDrive:/what-if -WhatIf
        'TestDrive:/what-if' | Should -Not -Exist
    }
}

Describe 'A link in a container' {
    It 'leads to the place in the container that it names' {
        $secret = Join-Path $temp secret
        Set-Content $secret outside
        try {
            $null = Invoke-CtrExec web -- sh -c 'mkdir -p "$(dirname $1)"; echo inside > $1; ln -sf $1 /link; ln -sf ../../../../../..$1 /climb' sh $secret
            foreach ($link in 'link', 'climb') {
                Copy-CtrItem "web:/$link" TestDrive:/seen
                Get-Content TestDrive:/seen | Should -Be inside
                Set-Content TestDrive:/new written
                Copy-CtrItem TestDrive:/new "web:/$link"
                Get-Content $secret | Should -Be outside
                $null = Invoke-CtrExec web -- sh -c 'echo inside > $1' sh $secret
            }
        }
        finally { Remove-Item $secret }
    }
}
