BeforeAll {
    . "$PSScriptRoot/common.ps1"

    # No credentials of the user who runs this.
    $env:DOCKER_CONFIG = "$temp/docker"
    $registry = Open-Registry
    $guarded = Open-Registry -Basic
    $login = Get-Login
    function ctr { & (Get-Command ctr -CommandType Application -TotalCount 1) --address ($daemon.Address -replace '^unix://') --namespace $name @args }
}
AfterAll {
    $env:DOCKER_CONFIG = $null
    $registry, $guarded | Close-Registry
    Remove-Item "$temp/docker" -Recurse -ErrorAction Ignore
    Close-Fixture
}

Describe 'Pushing an image and pulling it again' {
    It 'goes there and comes back the same' {
        $pushed = Get-CtrImage $image | Send-CtrImage -Destination "$($registry.Host)/team/app:1"
        $pushed.BlobsSent | Should -Be 2
        $pulled = Receive-CtrImage "$($registry.Host)/team/app:1"
        $pulled.Digest | Should -Be $pushed.Digest
        $pulled.Name | Should -Be "$($registry.Host)/team/app:1"
        Invoke-CtrContainer $pulled.Name -- echo hello | Should -Be hello
    }

    It 'sends nothing that is there already' {
        (Send-CtrImage $image "$($registry.Host)/team/app:1").BytesSent | Should -Be 0
    }

    It 'knows the verbs that Docker users type' {
        (Push-CtrImage $image "$($registry.Host)/team/app:2").Destination | Should -Be "$($registry.Host)/team/app:2"
        (Pull-CtrImage "$($registry.Host)/team/app:2").Name | Should -Be "$($registry.Host)/team/app:2"
    }

    It 'pulls exactly what a digest says' {
        $digest = (Get-CtrImage $image).Digest
        (Receive-CtrImage "$($registry.Host)/team/app@$digest").Digest | Should -Be $digest
    }

    It 'leaves no lease and nothing half done' {
        ctr leases ls --quiet | Should -BeNullOrEmpty
        ctr content active | Select-Object -Skip 1 | Should -BeNullOrEmpty
        "$(ctr images check)" | Should -BeLike '*complete*'
    }
}

Describe 'A registry that wants a login' {
    It 'says so, and what to do' {
        $problem = { Send-CtrImage $image "$($guarded.Host)/app:1" } | Should -Throw -ErrorId 'AuthenticationRequired,*' -PassThru
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-Credential*'
        $problem.CategoryInfo.Category | Should -Be PermissionDenied
    }

    It 'takes one as PowerShell keeps it' {
        $null = Send-CtrImage $image "$($guarded.Host)/app:1" -Credential $login
        (Receive-CtrImage "$($guarded.Host)/app:1" -Credential $login).Digest | Should -Be (Get-CtrImage $image).Digest
    }

    It 'takes the one that docker login keeps' {
        $null = New-Item -ItemType Directory $env:DOCKER_CONFIG -Force
        @{ auths = @{ $guarded.Host = @{ auth = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('tester:secret')) } } } | ConvertTo-Json -Depth 5 > "$env:DOCKER_CONFIG/config.json"
        (Receive-CtrImage "$($guarded.Host)/app:1").Name | Should -Be "$($guarded.Host)/app:1"
        Remove-Item "$env:DOCKER_CONFIG/config.json"
    }
}

Describe 'An image that a container needs' {
    BeforeEach {
        Get-CtrContainer | Remove-CtrContainer -Force
        $copy = "$($registry.Host)/needed:1"
        $null = Send-CtrImage $image $copy
        Get-CtrImage $copy* | Remove-CtrImage
    }
    AfterAll { Get-CtrContainer | Remove-CtrContainer -Force }

    It 'is pulled when it is missing' {
        Invoke-CtrContainer $copy -- echo fetched | Should -Be fetched
        (Get-CtrImage $copy).Name | Should -Be $copy
    }

    It 'is not pulled when that is not wanted' {
        { New-CtrContainer web -Image $copy -Pull Never } | Should -Throw -ErrorId 'ImageNotFound,*'
        Get-CtrContainer | Should -BeNullOrEmpty
    }

    It 'is asked for each time when that is wanted' {
        $null = New-CtrContainer web -Image $copy -Pull Always
        { New-CtrContainer other -Image 'localhost:1/none' -Pull Always } | Should -Throw -ErrorId 'RegistryUnreachable,*'
    }
}

Describe 'What goes wrong on the way' {
    It 'is one error for each image, and the next one follows' {
        $done = 'localhost:1/a', "$($registry.Host)/none:1", "$($registry.Host)/team/app:1" | Receive-CtrImage -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems.FullyQualifiedErrorId | ForEach-Object { $_.Split(',')[0] } | Should -Be RegistryUnreachable, ImageNotFoundInRegistry
        $done.Name | Should -Be "$($registry.Host)/team/app:1"
        $problems[0].Exception | Should -BeOfType ([Containerd.CtrConnectionException])
    }

    It 'is a transfer service that containerd 1.6 does not have' {
        $transfer = { Receive-CtrImage "$($registry.Host)/team/app:1" -Method Daemon }
        if ($daemon.Version -like '1.6*') { $transfer | Should -Throw -ErrorId 'TransferNotSupported,*' }
        else { (& $transfer).Name | Should -Be "$($registry.Host)/team/app:1" }
    }
}
