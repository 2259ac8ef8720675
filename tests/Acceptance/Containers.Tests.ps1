BeforeAll { . "$PSScriptRoot/common.ps1" }
AfterAll { Close-Fixture }

Describe 'A container' {
    AfterEach { Get-CtrContainer | Remove-CtrContainer -Force }

    Context 'Making a container' {
        It 'takes an image and a command, and starts nothing' {
            $container = New-CtrContainer web -Image busybox:test -Command echo, hello
            $container.ContainerId | Should -Be web
            $container.Image | Should -Be $image
            $container.Spec.Process.Args | Should -Be echo, hello
            Get-CtrTask | Should -BeNullOrEmpty
        }

        It 'makes one for each id' {
            1..3 | ForEach-Object { "web$_" } | New-CtrContainer -Image $image | Should -HaveCount 3
            (Get-CtrContainer).ContainerId | Should -Be web1, web2, web3
        }

        It 'gives it what the parameters say' {
            $settings = @{
                Env = @{ COLOR = 'blue' }; User = 'app'; WorkingDirectory = '/tmp'; Hostname = 'box'; Memory = '64m'; PidsLimit = 50; ReadOnly = $true
                Mount = "type=tmpfs,target=/scratch"
            }
            $null = New-CtrContainer web -Image $image -Command $forever @settings | Start-CtrTask
            Invoke-CtrExec web -- sh -c 'echo $COLOR; id -un; pwd; hostname' | Should -Be blue, app, /tmp, box
            Invoke-CtrExec web -User root -- sh -c 'touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch' | Should -Be read-only, scratch
        }

        It 'mounts a folder of this machine' {
            Set-Content TestDrive:/page.html hello
            Invoke-CtrContainer $image -Mount "$TestDrive`:/srv:ro" -Command cat, /srv/page.html | Should -Be hello
        }

        It 'limits memory by a text, a number or an expression' {
            '64m', 64MB, (32MB * 2), '65536KiB' | ForEach-Object { (New-CtrSpec x -Image $image -Memory $_).Linux.Resources.Memory.Limit } | Should -Be @(64MB, 64MB, 64MB, 64MB)
        }

        It 'takes a spec that was built, looked at and changed' {
            $spec = New-CtrSpec web -Image $image -Command env
            $spec.Process.Env += 'ADDED=1'
            $null = New-CtrContainer web -Image $image -Spec $spec | Start-CtrTask | Wait-CtrTask
            Get-CtrLog web | Should -Contain ADDED=1
        }

        It 'takes a spec as JSON' {
            $json = (New-CtrSpec web -Image $image -Command hostname -Hostname from-json).ToJson()
            (New-CtrContainer web -Image $image -SpecJson $json).Spec.Hostname | Should -Be from-json
        }

        It 'refuses an id that is taken' {
            $null = New-CtrContainer web -Image $image
            $problem = { New-CtrContainer web -Image $image } | Should -Throw -ErrorId 'ContainerExists,*' -PassThru
            $problem.CategoryInfo.Category | Should -Be ResourceExists
        }
    }

    Context 'Finding containers' {
        BeforeEach {
            $null = New-CtrContainer web1 -Image $image -Label @{ tier = 'web'; color = 'blue' }
            $null = New-CtrContainer web2 -Image $image -Label @{ tier = 'web'; color = 'green' }
            $null = New-CtrContainer db -Image $image -Label @{ tier = 'data' }
        }

        It 'lists all, one, some, or those with a label' {
            Get-CtrContainer | Should -HaveCount 3
            (Get-CtrContainer db).ContainerId | Should -Be db
            (Get-CtrContainer web*).ContainerId | Should -Be web1, web2
            (Get-CtrContainer -Label @{ tier = 'web'; color = 'g*' }).ContainerId | Should -Be web2
        }

        It 'leaves the rest to Where-Object, Sort-Object and Group-Object' {
            (Get-CtrContainer | Where-Object { $_.Labels['color'] -eq 'blue' }).ContainerId | Should -Be web1
            (Get-CtrContainer | Sort-Object ContainerId -Descending)[0].ContainerId | Should -Be web2
            (Get-CtrContainer | Group-Object { $_.Labels['tier'] }).Name | Should -Be data, web
        }
    }

    Context 'Changing a container' {
        BeforeEach { $null = New-CtrContainer web -Image $image -Command $forever -Label @{ color = 'blue' } }

        It 'sets a label, and takes it away with $null' {
            (Set-CtrContainer web -Label @{ color = 'green' } -PassThru).Labels['color'] | Should -Be green
            (Set-CtrContainer web -Label @{ color = $null } -PassThru).Labels.ContainsKey('color') | Should -BeFalse
        }

        It 'replaces the spec for the next start' {
            $spec = (Get-CtrContainer web).Spec
            $spec.Process.Args = 'echo', 'changed'
            Get-CtrContainer web | Set-CtrContainer -Spec $spec
            $null = Start-CtrTask web | Wait-CtrTask
            Get-CtrLog web | Should -Be changed
        }
    }

    Context 'Removing a container' {
        It 'does not take one away that runs, unless forced' {
            $null = New-CtrContainer web -Image $image -Command $forever | Start-CtrTask
            { Remove-CtrContainer web } | Should -Throw -ErrorId 'TaskRunning,*'
            Remove-CtrContainer web -Force
            Get-CtrContainer | Should -BeNullOrEmpty
        }

        It 'goes on after one that is missing' {
            $null = 'a', 'b' | New-CtrContainer -Image $image
            'a', 'missing', 'b' | Remove-CtrContainer -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'ContainerNotFound,*'
            $problem.TargetObject | Should -Be missing
            Get-CtrContainer | Should -BeNullOrEmpty
        }
    }

    Context 'Running a command in a container of its own' {
        It 'makes, starts, streams, waits and removes' {
            Invoke-CtrContainer busybox:test -Command echo, hello | Should -Be hello
            Get-CtrContainer | Should -BeNullOrEmpty
        }

        It 'takes the pipeline as input' {
            'b', 'a' | Invoke-CtrContainer $image -Command sort | Should -Be a, b
        }

        It 'reports the exit code as a shell does' {
            Invoke-CtrContainer $image -Command sh, -c, 'exit 3' -ErrorAction SilentlyContinue
            $? | Should -BeFalse
            $LASTEXITCODE | Should -Be 3
        }

        It 'kills what takes too long' {
            Invoke-CtrContainer $image -Command sleep, 100 -Timeout 300ms -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'ProcessTimedOut,*'
            # It is removed in the background.
            for ($try = 0; $try -lt 200 -and (Get-CtrContainer); $try++) { Start-Sleep -Milliseconds 100 }
            Get-CtrContainer | Should -BeNullOrEmpty
        }
    }
}
