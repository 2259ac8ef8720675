BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer web -Image $image -Command $forever -Label @{ color = 'blue' } | Start-CtrTask
    $null = New-CtrContainer idle -Image $image
    function Get-World { & { Get-CtrContainer; Get-CtrTask; Get-CtrImage; Get-CtrSnapshot; Get-CtrContent; Get-CtrLease; Get-CtrNamespace; Get-CtrSession; Get-CtrDaemon $name* } | ConvertTo-Json -Depth 10 }
}
AfterAll { Close-Fixture }

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
        { Set-CtrImage busybox:test -Label @{ a = 'b' } -Tag other -WhatIf }
        { Export-CtrImage busybox:test TestDrive:/never.tar -WhatIf }
        { New-CtrImage web new:1 -WhatIf }
        { Clear-CtrImage -WhatIf }
        { New-CtrSnapshot new -Image $image -WhatIf }
        { Get-CtrSnapshot | Remove-CtrSnapshot -WhatIf }
        { Import-CtrContent $tar -WhatIf }
        { Get-CtrContent | Remove-CtrContent -Force -WhatIf }
        { Get-CtrContent | Set-CtrContent -Label @{ a = 'b' } -WhatIf }
        { Clear-CtrContent -WhatIf }
        { New-CtrLease new -WhatIf }
        { Use-CtrLease { New-CtrSnapshot new } -WhatIf }
        { Remove-CtrNamespace $name -Force -WhatIf }
        { New-CtrNamespace "$name-new" -WhatIf }
        { Start-CtrDaemon "$name-new" -WhatIf }
        { Stop-CtrDaemon $name -Force -WhatIf }
        { Disconnect-CtrSession main -WhatIf }
    ) {
        & $_ | Should -BeNullOrEmpty
    }
}
