BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $null = New-CtrContainer -Name web -Image $image -Command $forever | Start-CtrTask
}
AfterAll { Close-Fixture }

Describe 'A container has a name' {
    It 'that stands for its id' {
        Invoke-CtrExec web -- echo hello | Should -Be hello
        (Get-CtrTask -Name web).Status | Should -Be Running
        $container = Get-CtrContainer web
        "$container" | Should -Be web
        (Get-CtrTask $container.ContainerId.Substring(0, 8)).Status | Should -Be Running
    }

    It 'that JSON, jobs and CSV keep' {
        (Get-CtrContainer web | ConvertTo-Json -Depth 3 -WarningAction Ignore | ConvertFrom-Json).Name | Should -Be web
        (Get-CtrContainer web | ConvertTo-Csv | ConvertFrom-Csv).Name | Should -Be web
        $module = (Get-Module Containerd).Path
        $session = Get-CtrSession | Select-Object -First 1
        $job = Start-Job { Import-Module $using:module; $null = Connect-CtrSession $using:session.Address -Namespace $using:session.Namespace; Get-CtrContainer web }
        ($job | Receive-Job -Wait -AutoRemoveJob).Name | Should -Be web
    }

    It 'that the tables show instead of the id' {
        $id = (Get-CtrContainer web).ContainerId
        foreach ($width in 80, 100) {
            $table = Get-CtrContainer web | Out-String -Width $width
            $table | Should -Match '(?m)^web +Running '
            $table | Should -Not -Match $id
        }
        Get-CtrLease -Name pwsh-name/web | Out-String -Width 80 | Should -Match 'pwsh-name/web +name '
    }

    It 'from a splatted hashtable, defaults and a mock' {
        $what = @{ Name = 'splatted'; Image = $image; Command = 'true' }
        (New-CtrContainer @what).Name | Should -Be splatted
        $PSDefaultParameterValues['New-CtrContainer:Name'] = 'default-name'
        try { (New-CtrContainer -Image $image -Command true).Name | Should -Be default-name }
        finally { $PSDefaultParameterValues.Remove('New-CtrContainer:Name') }
        Mock Rename-CtrContainer { $NewName }
        Rename-CtrContainer -Name web -NewName other | Should -Be other
        Should -Invoke Rename-CtrContainer -ParameterFilter { $Id -eq 'web' -and $NewName -eq 'other' }
        (Get-CtrContainer web).Name | Should -Be web
    }

    It 'of its own for each run' {
        Invoke-CtrContainer $image -Name job -- echo done | Should -Be done
        Get-CtrLease '*job' | Should -BeNullOrEmpty
        { Invoke-CtrContainer $image -Name web -ErrorAction Stop -- true } | Should -Throw -ErrorId 'NameExists,*'
    }

    It 'that can be changed' {
        Rename-CtrContainer web shop
        (Get-CtrContainer shop).Name | Should -Be shop
        { Get-CtrContainer web -ErrorAction Stop } | Should -Throw -ErrorId 'ContainerNotFound,*'
        Rename-CtrContainer shop web
    }
}

Describe 'An image of an archive' {
    It 'is imported under the name that is given, and of several none is' {
        Export-CtrImage -Path TestDrive:/one.tar -Name $image
        (Import-CtrImage TestDrive:/one.tar -Name team/renamed).Name | Should -Be docker.io/team/renamed:latest
        Get-CtrContainer web | Get-CtrImage | ForEach-Object Name | Should -Be (Get-CtrContainer web).Image
    }
}
