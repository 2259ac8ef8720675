using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>The end of a process's input, and a process that never reads it.</summary>
public sealed class InputEndTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_end_of_input_arrives_even_if_it_is_immediate(string suite)
    {
        using var engine = (await DaemonFixtures.GetAsync(suite)).Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask");
        for (var i = 0; i < 15; i++)
        {
            Assert.Equal(["x"], Lines(engine.Require($"'x' | Invoke-CtrExec {Id} -Timeout 30 -- cat")));
            Assert.Empty(engine.Require($"@() | Invoke-CtrExec {Id} -Timeout 30 -- cat"));
        }

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(["x"], Lines(engine.Require($"'x' | Invoke-CtrContainer {Busybox} -Timeout 60 -- cat")));
            Assert.Equal(
                0,
                engine
                    .Require<CtrExit>(
                        $"$null = New-CtrContainer {Id}-{i} -Image {Busybox} -- cat | Start-CtrTask -WithStdin; Close-CtrStdin {Id}-{i}; Wait-CtrTask {Id}-{i} -Timeout 30"
                    )
                    .ExitCode
            );
            Assert.Equal(
                ["whole"],
                Lines(
                    engine.Require(
                        $"$null = Start-CtrTask {Id}-{i} -WithStdin; 'whole' | Send-CtrInput {Id}-{i} -Close; $null = Wait-CtrTask {Id}-{i} -Timeout 30; Get-CtrLog {Id}-{i}"
                    )
                )
            );
        }

        engine.Require($"Get-CtrContainer {Id}* | Remove-CtrContainer -Force");
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Theory]
    [InlineData("Invoke-CtrExec {0} -- sleep 786")]
    [InlineData("Invoke-CtrContainer " + Busybox + " -Id {0}-run -- sleep 786")]
    [InlineData("Send-CtrInput {0}")]
    public async Task A_process_that_never_reads_gets_a_limited_part_of_the_input_and_Ctrl_C_ends_it(string reader)
    {
        await StartAsync(startOptions: "-WithStdin");
        var taken = new int[1];
        Engine.Runspace.SessionStateProxy.SetVariable("taken", taken);
        var running = Engine.Start(
            $"$chunk = [byte[]]::new(4MB); 1..50 | ForEach-Object {{ $taken[0]++; , $chunk }} | {string.Format(System.Globalization.CultureInfo.InvariantCulture, reader, Id)}"
        );
        await Eventually.TrueAsync(() => Volatile.Read(ref taken[0]) > 0);
        await Task.Delay(1000);
        // The rest has not been asked for: it is in nobody's memory.
        Assert.InRange(Volatile.Read(ref taken[0]), 1, 3);
        Assert.False(running.IsCompleted);
        var clock = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1.5), $"{clock.Elapsed}");
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        Assert.Equal(CtrStatus.Running, Status());
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrContainer {Id}*").Count == 1);
        await DaemonFixture.AssertPipesGoAsync();
    }

    private static string[] Lines(IEnumerable<PSObject> output) => [.. output.Select(o => o.ToString())];
}
