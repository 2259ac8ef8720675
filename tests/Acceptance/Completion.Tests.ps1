BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = 'web1', 'web2', 'db' | New-CtrContainer -Image $image
    function Complete([string] $Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText }
}
AfterAll { Close-Fixture }

Describe 'The Tab key' {
    It 'knows the containers' {
        Complete 'Get-CtrContainer w' | Should -Be web1, web2
        Complete 'Start-CtrTask ' | Should -Be db, web1, web2
        Complete 'Remove-CtrContainer d' | Should -Be db
        # It does not run.
        Complete 'Invoke-CtrExec d' | Should -Not -Contain db
    }

    It 'knows the images' {
        Complete 'New-CtrContainer x -Image doc' | Should -Contain $image
    }

    It 'knows sessions, namespaces and daemons' {
        Complete 'Get-CtrTask -Session m' | Should -Be main
        Complete "Get-CtrTask -Namespace $($name.Substring(0, 12))" | Should -Contain $name
        Complete "Stop-CtrDaemon $name" | Should -Be $name
    }

    It 'knows signals, capabilities and states' {
        Complete 'Send-CtrSignal web1 HU' | Should -Be SIGHUP
        Complete 'Send-CtrSignal web1 SIGHU' | Should -Be SIGHUP
        Complete 'New-CtrContainer x -CapAdd NET_A' | Should -Be CAP_NET_ADMIN
        Complete 'Get-CtrTask -Status Ru' | Should -Be Running
    }

    It 'is silent, not an error, and quick without a daemon' {
        $private = Start-CtrDaemon "$name-tab"
        $gone = $private | Connect-CtrSession -Name gone
        $private | Stop-CtrDaemon
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Complete 'Start-CtrTask -Session $gone -Id w' | Should -BeNullOrEmpty
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 3
        Disconnect-CtrSession gone
    }
}
