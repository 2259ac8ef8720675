using System.Text;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>Where standard error goes in a real pwsh whose output is redirected, as a shell script would start it.</summary>
public sealed class NativeStandardErrorTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    protected override async Task PrepareAsync()
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "There is no pwsh on this machine.");
        await StartAsync();
    }

    [Fact]
    public async Task Each_stream_of_a_script_is_in_its_own_file_byte_for_byte_and_in_order()
    {
        await RunAsync(
            $$"""
            Invoke-CtrExec {{Id}} -InformationVariable told -- sh -c 'echo out1; echo err1 >&2; printf "\303" >&2; sleep 0.2; printf "\244 \377\r\n" >&2; echo out2; printf partial >&2'
            "told $($told.MessageData.Message -join '/') $("$($told[0])") $($told[0].Tags)"
            [Console]::Error.WriteLine('between')
            Invoke-CtrExec {{Id}} -- sh -c 'echo out3; echo err3 >&2' 2>&1 | ForEach-Object { "got $_" }
            Invoke-CtrExec {{Id}} -- sh -c 'echo err4 >&2' 2> $null
            $InformationPreference = 'Continue'
            Invoke-CtrExec {{Id}} -- sh -c 'echo err5 >&2'
            $InformationPreference = 'SilentlyContinue'
            Invoke-CtrContainer {{Busybox}} -- sh -c 'echo out6; echo err6 >&2'
            New-CtrContainer {{NewId()}} -Image {{Busybox}} -- sh -c 'echo out7; echo err7 >&2; exit 3' | Start-CtrTask -Attach
            "code $LASTEXITCODE"
            """
        );
        Assert.Equal(
            ["out1", "out2", "told err1/ä \ufffd/partial err1 StandardError", "got out3", "out6", "out7", "code 3"],
            (await File.ReadAllLinesAsync($"{Folder}/out"))
        );
        Assert.Equal(
            "err1\nä ÿ\r\npartial\nbetween\nerr3\nerr4\nerr5\nerr6\nerr7\n",
            Encoding.Latin1.GetString(await File.ReadAllBytesAsync($"{Folder}/err")).Replace("Ã¤", "ä", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task With_a_redirected_information_stream_or_another_destination_nothing_goes_to_the_descriptor()
    {
        await RunAsync(
            $$"""
            function Run { Invoke-CtrExec {{Id}} -- sh -c 'echo inner >&2' }
            Invoke-CtrExec {{Id}} -- sh -c 'echo a >&2' 6>&1 | ForEach-Object { "merged $_ $($_.Tags -join ',')" }
            Invoke-CtrExec {{Id}} -- sh -c 'echo no >&2' 6> $null
            & { Run } *>&1 | ForEach-Object { "block $_" }
            1 | ForEach-Object { Run } 6> $null
            Invoke-Expression 'Run' 6> $null
            'Run' | Invoke-Expression 6> $null
            Invoke-Expression 'Run 6> $null'
            $run = { Run }
            1 | ForEach-Object $run 6> $null
            Run 6> {{Folder}}/six
            Invoke-CtrExec {{Id}} -StandardError Output -- sh -c 'echo b >&2'
            Invoke-CtrExec {{Id}} -StandardError Null -- sh -c 'echo no >&2'
            Invoke-CtrExec {{Id}} -StandardError Error -- sh -c 'echo c >&2' 2>&1 | ForEach-Object { "error $_" }
            Invoke-CtrExec {{Id}} -StandardError Error -- sh -c 'echo c >&2' 2> $null
            "success $?"
            (Invoke-CtrExec {{Id}} -PassThru -- sh -c 'echo d >&2').ErrorOutput
            $nested = pwsh -NoProfile -OutputFormat xml -File {{Folder}}/nested.ps1
            "nested $($nested -contains 'out')"
            """
        );
        Assert.Equal(
            ["merged a PSHOST,StandardError", "block inner", "b", "error c", "success False", "d", "nested True"],
            await File.ReadAllLinesAsync($"{Folder}/out")
        );
        Assert.Equal("inner\n", await File.ReadAllTextAsync($"{Folder}/six"));
        Assert.DoesNotContain((await File.ReadAllLinesAsync($"{Folder}/err")), line => line is "a" or "no" or "inner" or "b" or "c" or "d");
    }

    [Fact]
    public async Task A_redirection_of_another_command_of_the_pipeline_does_not_count()
    {
        await RunAsync(
            $$"""
            function Run($word) { Invoke-CtrExec {{Id}} -- sh -c "echo $word >&2; echo" }
            Invoke-CtrExec {{Id}} -- sh -c 'echo own >&2; echo' | ForEach-Object { $_ } 6> $null
            Run function | ForEach-Object { $_ } 6> $null
            1 | ForEach-Object { Run block } | ForEach-Object { $_ } 6> $null
            Invoke-Expression 'Run text' | ForEach-Object { $_ } 6> $null
            """
        );
        Assert.Equal(["own", "function", "block", "text"], await File.ReadAllLinesAsync($"{Folder}/err"));
    }

    [Fact]
    public async Task Jobs_keep_the_records_and_lines_of_several_containers_are_not_mixed()
    {
        await RunAsync(
            $$"""
            $connect = "Import-Module '{{Repository.Module}}'; `$null = Connect-CtrSession {{DaemonFixture.Daemon.Address}} -Namespace {{DaemonFixture.Namespace}}; Invoke-CtrExec {{Id}} -- sh -c 'echo out; echo KIND >&2'"
            foreach ($kind in 'Job', 'ThreadJob') {
                $job = & "Start-$kind" ([scriptblock]::Create($connect.Replace('KIND', $kind)))
                $null = $job | Wait-Job
                $records = @($job.Information) + @($job.ChildJobs | ForEach-Object Information) | Where-Object { $_ }
                "$($kind): $($records | ForEach-Object { "$($_.MessageData) $($_.Tags -ne 'FORWARDED')" })"
            }
            $parallel = 1..2 | ForEach-Object -Parallel ([scriptblock]::Create($connect.Replace('KIND', 'Parallel'))) 6>&1
            "Parallel: $("$parallel".Contains('Parallel'))"
            $web = Get-CtrContainer {{Id}}
            $web, $web, $web | Invoke-CtrExec -ThrottleLimit 3 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do printf aaaa >&2; sleep 0.01; echo bbbb >&2; done'
            """
        );
        var output = await File.ReadAllLinesAsync($"{Folder}/out");
        Assert.Equal(["Job: Job PSHOST StandardError", "ThreadJob: ThreadJob PSHOST StandardError", "Parallel: True"], output);
        Assert.Equal(Enumerable.Repeat("aaaabbbb", 30), await File.ReadAllLinesAsync($"{Folder}/err"));
    }

    [Theory]
    [InlineData("-Command . {0}/script.ps1 > {0}/out 2> {0}/err")]
    [InlineData("-Command - > {0}/out 2> {0}/err <<'END'\n. {0}/script.ps1\nEND")]
    public async Task A_command_line_and_a_here_string_work_like_a_file(string form)
    {
        await RunAsync($"Invoke-CtrExec {Id} -- sh -c 'echo out; echo err >&2; exit 3'; \"code $LASTEXITCODE\"", form);
        Assert.Equal(["out", "code 3"], await File.ReadAllLinesAsync($"{Folder}/out"));
        var error = await File.ReadAllTextAsync($"{Folder}/err");
        Assert.StartsWith("err\n", error, StringComparison.Ordinal);
        Assert.Contains("exited with code 3", error, StringComparison.Ordinal);
    }

    private async Task RunAsync(string script, string form = "-File {0}/script.ps1 > {0}/out 2> {0}/err")
    {
        var connect =
            $"Import-Module '{Repository.Module}'; $null = Connect-CtrSession {DaemonFixture.Daemon.Address} -Namespace {DaemonFixture.Namespace}\n";
        await File.WriteAllTextAsync($"{Folder}/script.ps1", connect + script);
        await File.WriteAllTextAsync($"{Folder}/nested.ps1", connect + $"Invoke-CtrExec {Id} -- sh -c 'echo out; echo no >&2'");
        await Shell.RunAsync("sh", "-c", $"NO_COLOR=1 {HostProcess.Pwsh} -NoProfile {string.Format(null, form, Folder)}");
    }
}
