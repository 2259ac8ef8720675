BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer web -Image $image -Command $forever -Label @{ color = 'blue' } | Start-CtrTask
    $null = New-CtrContainer idle -Image $image
    function Get-World { & { Get-CtrContainer; Get-CtrTask; Get-CtrImage; Get-CtrSession; Get-CtrDaemon $name* } | ConvertTo-Json -Depth 10 }
}
AfterAll { Stop-Scene }

Describe 'With -WhatIf nothing changes' {
    BeforeEach { $world = Get-World }
    AfterEach { Get-World | Should -Be $world }

    It '<_>' -ForEach @(
        { New-CtrContainer new -Image $image -WhatIf }
        { Set-CtrContainer web -Label @{ color = 'green' } -WhatIf }
        { Remove-CtrContainer idle -WhatIf }
        { Remove-CtrContainer web -Force -WhatIf }
        { Start-CtrTask idle -WhatIf }
        { Stop-CtrTask web -WhatIf }
        { Remove-CtrTask web -Force -WhatIf }
        { Send-CtrSignal web KILL -WhatIf }
        { Invoke-CtrContainer $image -Command true -WhatIf }
        { Invoke-CtrExec web -WhatIf -- kill 1 }
        { Import-CtrImage $tar -Name other -WhatIf }
        { Remove-CtrImage busybox:test -WhatIf }
        { Start-CtrDaemon "$name-new" -WhatIf }
        { Stop-CtrDaemon $name -Force -WhatIf }
        { Disconnect-CtrSession main -WhatIf }
    ) {
        & $_ | Should -BeNullOrEmpty
    }
}
