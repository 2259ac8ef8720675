BeforeAll {
    $rendering = $PSStyle.OutputRendering
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
    $exit = New-CtrContainer job -Image $image -Command true | Start-CtrTask | Wait-CtrTask
    $process = Invoke-CtrExec web -Detach -- sleep 1000
    $result = Invoke-CtrExec web -PassThru -- echo hello
    $shown = @{
        CtrContainer = Get-CtrContainer web
        CtrTask = Get-CtrTask web
        CtrExit = $exit
        CtrProcess = $process
        CtrExecResult = $result
        CtrImage = Get-CtrImage
        CtrSession = $session
        CtrVersion = Get-CtrVersion
        CtrInfo = Get-CtrInfo
        CtrDaemon = Get-CtrDaemon $name
    }
    $PSStyle.OutputRendering = 'PlainText'
}
AfterAll {
    $PSStyle.OutputRendering = $rendering
    Close-Fixture
}

Describe 'On the screen' {
    It 'is a table of at most 100 columns, with a heading: <type>' -ForEach @(
        @{ type = 'CtrContainer'; columns = 'Container', 'Status', 'Image', 'Command', 'Network' }
        @{ type = 'CtrTask'; columns = 'ContainerId', 'Pid', 'Status' }
        @{ type = 'CtrExit'; columns = 'ContainerId', 'ExitCode' }
        @{ type = 'CtrProcess'; columns = 'ContainerId', 'ExecId', 'Command' }
        @{ type = 'CtrExecResult'; columns = 'ContainerId', 'ExitCode', 'Output' }
        @{ type = 'CtrImage'; columns = 'Name', 'Size' }
        @{ type = 'CtrSession'; columns = 'Name', 'Address' }
        @{ type = 'CtrVersion'; columns = 'Version', 'Revision' }
        @{ type = 'CtrDaemon'; columns = 'Name', 'State' }
    ) {
        $lines = ($shown[$type] | Format-Table | Out-String -Width 100) -split '\r?\n' | Where-Object { $_ }
        $lines.Count | Should -BeGreaterOrEqual 3
        foreach ($column in $columns) { $lines[0] | Should -Match "\b$column\b" }
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
    }

    It 'is a list of everything there is to know: <_>' -ForEach 'CtrContainer', 'CtrTask', 'CtrExit', 'CtrProcess', 'CtrExecResult', 'CtrImage', 'CtrSession', 'CtrVersion', 'CtrInfo', 'CtrDaemon' {
        $list = $shown[$_] | Format-List | Out-String -Width 100
        foreach ($property in $shown[$_].PSObject.Properties.Name) { $list | Should -Match "(?m)^$property\s+:" }
    }

    It 'is its name where there is room for a word only: <type>' -ForEach @(
        @{ type = 'CtrContainer'; word = 'web' }
        @{ type = 'CtrTask'; word = 'web' }
        @{ type = 'CtrExit'; word = 'job' }
        @{ type = 'CtrImage'; word = 'docker.io/library/busybox:test' }
        @{ type = 'CtrSession'; word = 'main' }
    ) {
        ($shown[$type] | Format-Wide | Out-String).Trim() | Should -Be $word
    }

    It 'is a word in a text: <type>' -ForEach @(
        @{ type = 'CtrContainer'; word = 'web' }
        @{ type = 'CtrTask'; word = 'web' }
        @{ type = 'CtrExit'; word = 'job' }
        @{ type = 'CtrSession'; word = 'main' }
    ) {
        "$($shown[$type])" | Should -Be $word
    }

    It 'has every column of the tables of parts of objects at <_> columns' -ForEach 80, 100 {
        $dropped = foreach ($view in Select-Xml "$(Split-Path $manifest)/Containerd.Part.Format.ps1xml" -XPath '//View[TableControl]' | ForEach-Object Node) {
            $type = $view.ViewSelectedBy.TypeName | Select-Object -First 1
            $lines = ($type -as [type])::new() | Format-Table | Out-String -Width $_
            foreach ($header in $view.TableControl.TableHeaders.TableColumnHeader.Label) {
                if (($lines -split '\r?\n' | Where-Object { $_ } | Select-Object -First 1) -notmatch "\b$header\b") { "$type $header" }
            }
        }
        $dropped | Should -BeNullOrEmpty
    }
}
