BeforeDiscovery {
    # CRIU of Debian bookworm fails on recent kernels; the later suite has its own CRIU.
    $suite = bash "$PSScriptRoot/../fixture/debian-suite.sh" sid
    $checked = if ($LASTEXITCODE -eq 0) { & "$suite/bin/criu" check 2>&1 }
    $reason = if (-not $suite) { 'no later Debian suite could be had' } elseif ($LASTEXITCODE -ne 0) { "CRIU does not work with this kernel: $checked" }
    if ($reason) { Write-Host "The checkpoints were not tried: $reason." }
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $criu = (New-Item -ItemType Directory "$temp/image/criu").FullName
    $null = New-Item -ItemType SymbolicLink "$criu/criu" -Target "$(bash "$PSScriptRoot/../fixture/debian-suite.sh" sid)/bin/criu"
    $place = "$temp/image/checkpoints"
    $null = Start-CtrDaemon "$name-criu" -SearchPath $criu | Connect-CtrSession -Name criu -Namespace "$name-criu"    # the default from here on
    $null = Import-CtrImage $tar

    $counter = 'sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done'
    function Add-Counter([string] $Id) {
        $null = New-CtrContainer $Id -Image $image -Command $counter | Start-CtrTask
        Wait-Until { @(Get-CtrLog $Id).Count -gt 2 }
    }

    # Returns the value of a counter after it has continued for a while.
    function Read-Counter([string] $Id) {
        $seen = @(Get-CtrLog $Id).Count
        Wait-Until { @(Get-CtrLog $Id).Count -gt $seen + 2 }
        Get-CtrLog $Id | ForEach-Object { [int] "$_" }
    }
}

AfterAll { Close-Fixture }

Describe 'A checkpoint' -Skip:([bool] $reason) {
    AfterEach {
        Get-CtrContainer | Remove-CtrContainer -Force
        Remove-Item $place -Recurse -Force -ErrorAction Ignore
    }

    It 'is where a task goes on that has ended with it' {
        Add-Counter web
        $checkpoint = Checkpoint-CtrTask web $place/web -Exit
        $checkpoint.ContainerId | Should -Be web
        (Get-CtrTask web).Status | Should -Be Stopped
        $checkpoint | Start-CtrTask | ForEach-Object Status | Should -Be Running
        $counted = Read-Counter web
        $counted | Should -Be (1..$counted.Count)
    }

    It 'is an archive, and a new container comes of it, with what the old one had written' {
        Add-Counter web
        Invoke-CtrExec web -- sh -c 'echo kept > /data'
        Checkpoint-CtrTask web $place/web.tar.gz -Exit | Should -Exist
        Remove-CtrContainer web
        (Restore-CtrContainer $place/web.tar.gz web2).ContainerId | Should -Be web2
        $counted = Read-Counter web2
        $counted[0] | Should -BeGreaterThan 1
        $counted | Should -Be ($counted[0]..$counted[-1])
        Invoke-CtrExec web2 -- cat /data | Should -Be kept
    }

    It 'is made of many tasks at a time, which go on' {
        'a', 'b' | ForEach-Object { Add-Counter $_ }
        Get-CtrTask | Checkpoint-CtrTask -Path { "$place/$($_.ContainerId).tar.zst" } | Should -HaveCount 2
        (Get-CtrTask).Status | Should -Be Running, Running
        Get-ChildItem $place | Restore-CtrContainer -Id { "$(($_.Name -split '\.')[0])-new" } | Should -HaveCount 2
        'a-new', 'b-new' | ForEach-Object { (Read-Counter $_)[0] | Should -BeGreaterThan 1 }
    }

    It 'needs leave for open connections, and says whose' {
        $null = New-CtrContainer web -Image $image -Command sh, -c, 'nc -l -p 5000 -e cat & sleep 0.3; (i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done) | nc 127.0.0.1 5000' | Start-CtrTask
        $null = Read-Counter web
        $failure = { Checkpoint-CtrTask web $place/web -Exit } | Should -Throw -ErrorId 'CheckpointFailed,*' -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-AllowOpenTcp*'
        Test-Path $place | Should -BeFalse
        $null = Checkpoint-CtrTask web $place/web -Exit -AllowOpenTcp | Start-CtrTask
        $counted = Read-Counter web
        $counted | Should -Be (1..$counted.Count)
    }

    It 'must be one, and of this container' {
        Add-Counter web
        $null = New-CtrContainer other -Image $image -Command $counter
        $null = Checkpoint-CtrTask web $place/web
        { Start-CtrTask other -CheckpointPath $place/none } | Should -Throw -ErrorId 'CheckpointNotFound,*'
        { Start-CtrTask other -CheckpointPath (New-Item -ItemType Directory $place/empty) } | Should -Throw -ErrorId 'CheckpointEmpty,*'
        { Start-CtrTask other -CheckpointPath $place/web } | Should -Throw -ErrorId 'CheckpointMismatch,*' -ExpectedMessage "*'web'*"
        'damaged' >> $place/web/spec.json
        { Restore-CtrContainer $place/web third } | Should -Throw -ErrorId 'InvalidCheckpoint,*'
        Get-CtrContainer | Should -HaveCount 2
    }
}

Describe 'Without CRIU' {
    It 'a checkpoint says what is missing, and the task runs on' {
        if (Get-Command criu -ErrorAction Ignore) { Set-ItResult -Skipped -Because 'this machine has a CRIU of its own, which daemons find' }
        $null = New-CtrContainer web -Image $image -Command $forever -Session main | Start-CtrTask
        { Checkpoint-CtrTask web $place/web -Exit -Session main } | Should -Throw -ErrorId 'CheckpointNotSupported,*' -ExpectedMessage '*criu*'
        (Get-CtrTask web -Session main).Status | Should -Be Running
        Remove-CtrContainer web -Force -Session main
    }
}
