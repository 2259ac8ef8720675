BeforeAll {
    . "$PSScriptRoot/common.ps1"
}
AfterAll { Close-Fixture }

Describe 'With -Verbose' {
    It 'says what was created, where the log is, and what was removed' {
        $said = & {
            New-CtrContainer web -Image $image -Verbose -Command true | Start-CtrTask -Verbose | Wait-CtrTask
            Remove-CtrTask web -Verbose
            Remove-CtrContainer web -Verbose
        } 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
        $said | Should -Contain "Created container web of $image in namespace $name."
        @($said) -match '^Started the task of container web, process \d+\. Its log is /.+' | Should -HaveCount 1
        $said | Should -Contain 'Removed the task of container web.'
        $said | Should -Contain "Removed container web from namespace $name."
    }

    It 'says what is run' {
        $said = Invoke-CtrContainer $image -Id once -Verbose -Command true 4>&1
        $said.Message | Should -Contain "Running container once in namespace $name; it is removed when its process has exited."
    }

    It 'says what was pulled' {
        $registry = Open-Registry
        try {
            $pushed = Send-CtrImage $image "$($registry.Host)/team/app:1"
            $text = "^Pulled $([regex]::Escape($pushed.Destination)) into namespace ${name}: $($pushed.Digest), [\d.]+[KM]i?B?, linux/"
            $made = New-CtrContainer pulled -Image $pushed.Destination -Verbose -Command true 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
            @($made) -match $text | Should -HaveCount 1
            $run = Invoke-CtrContainer $pushed.Destination -Pull Always -Verbose -Command true 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
            @($run) -match $text | Should -HaveCount 1
            @((Receive-CtrImage $pushed.Destination -Verbose 4>&1).Message) -match $text | Should -HaveCount 1
            # An existing image is not pulled.
            $run = Invoke-CtrContainer $pushed.Destination -Verbose -Command true 4>&1 | ForEach-Object Message
            $run -match '^Pulled' | Should -BeNullOrEmpty
            Remove-CtrContainer pulled
            Remove-CtrImage $pushed.Destination -Confirm:$false
        }
        finally { $registry | Close-Registry }
    }

    It 'says what was imported' {
        $said = Import-CtrImage $tar -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
        @($said) -match "^Imported $([regex]::Escape($image)) from .*busybox\.tar into namespace ${name}: sha256:" | Should -HaveCount 1
    }

    It 'says what was copied' {
        $null = New-CtrContainer web -Image $image
        Set-Content "$temp/app.conf" 'listen 8080'
        @((Copy-CtrItem "$temp/app.conf" web:/tmp/ -Verbose 4>&1).Message) -like 'Copied *app.conf to web:/tmp*: 1 files, *' | Should -HaveCount 1
        Remove-CtrContainer web
        Remove-Item "$temp/app.conf"
    }

    It 'says what is unused and what was removed' {
        $said = Clear-CtrImage -Verbose -Confirm:$false 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
        $said | Should -Contain "Found 1 unused images in namespace $name, and 0 that containers use."
        @($said) -match '^Removed 1 images' | Should -HaveCount 1
    }
}
