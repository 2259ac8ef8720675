using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Standard input and terminals of what already runs.</summary>
public sealed class InputTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task Input_is_written_many_times_and_closed_once(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Runtime {runtime} -- cat | Start-CtrTask -WithStdin");
        engine.Require(
            $"'one', 'two' | Send-CtrInput {Id}; Send-CtrInput {Id} three; ,[byte[]](102, 111, 117, 114, 10) | Send-CtrInput {Id}"
        );
        await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {Id}").Count == 4);
        Assert.Equal(CtrStatus.Running, engine.Require<CtrTask>($"Get-CtrTask {Id}").Status);
        engine.Require($"Close-CtrStdin {Id}");
        Assert.Equal(0, engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 20").ExitCode);
        Assert.Equal(["one", "two", "three", "four"], engine.Require($"Get-CtrLog {Id}").Select(l => l.ToString()));
        AssertError(engine.Invoke($"Close-CtrStdin {Id}").Error, ErrorIds.TaskNotRunning, "CloseCtrStdin", ErrorCategory.ResourceBusy, Id);
        AssertError(engine.Invoke($"Send-CtrInput {Id} x").Error, ErrorIds.TaskNotRunning, "SendCtrInput", ErrorCategory.ResourceBusy, Id);
        engine.Require($"Remove-CtrContainer {Id}");
    }

    [Fact]
    public async Task A_megabyte_arrives_completely_and_Close_ends_the_input()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- md5sum | Start-CtrTask -WithStdin");
        Engine.Require(
            $"1..20000 | ForEach-Object {{ 'a line of fifty characters, more or less, number ' + $_ }} | Send-CtrInput {Id} -Close"
        );
        Assert.Equal(0, Engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 20").ExitCode);
        // The shim writes the last of it in its own time, after the exit.
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id}").Count == 1);
        var text = string.Concat(Enumerable.Range(1, 20000).Select(i => $"a line of fifty characters, more or less, number {i}\n"));
#pragma warning disable CA5351
        var sum = Convert.ToHexString(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
        Assert.StartsWith(sum, Assert.Single(Engine.Require($"Get-CtrLog {Id}")).ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_start_with_an_input_and_no_log_works_again_when_another_client_has_removed_the_task()
    {
        var start = $"Start-CtrTask {Id} -NoLog -WithStdin";
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}; {start}");
        for (var i = 0; i < 2; i++)
        {
            await DaemonFixture.CtrAsync("tasks", "delete", "--force", Id);
            Assert.Equal(CtrStatus.Running, Engine.Require<CtrTask>(start).Status);
        }
    }

    [Fact]
    public async Task Missing_or_closed_input_is_one_error()
    {
        await StartAsync();
        AssertError(Engine.Invoke($"Send-CtrInput {Id} x").Error, ErrorIds.NoStdin, "SendCtrInput", ErrorCategory.InvalidArgument, Id);
        AssertError(Engine.Invoke($"Close-CtrStdin {Id}").Error, ErrorIds.NoStdin, "CloseCtrStdin", ErrorCategory.InvalidArgument, Id);
        AssertError(
            Engine.Invoke($"Close-CtrStdin {Id} -ExecId none").Error,
            ErrorIds.ExecNotFound,
            "CloseCtrStdin",
            ErrorCategory.ObjectNotFound,
            Id
        );
        AssertError(
            Engine.Invoke($"Send-CtrInput {Id}-none x").Error,
            ErrorIds.ContainerNotFound,
            "SendCtrInput",
            ErrorCategory.ObjectNotFound,
            $"{Id}-none"
        );
        Assert.StartsWith(
            "NoContainer,",
            Engine.Invoke("Send-CtrInput ([System.Diagnostics.Process]::GetCurrentProcess()) x").Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );

        Engine.Require($"New-CtrContainer {Id}-in -Image {Busybox} {Idle} | Start-CtrTask -WithStdin; Close-CtrStdin {Id}-in");
        ErrorRecord? closed = null;
        // The shim closes the pipe when the copied data was read.
        await Eventually.TrueAsync(() => (closed = Engine.Invoke($"Send-CtrInput {Id}-in x").Errors.SingleOrDefault()) is not null);
        AssertError(closed!, ErrorIds.StdinClosed, "SendCtrInput", ErrorCategory.ResourceBusy, $"{Id}-in");
        Engine.Require($"Close-CtrStdin {Id}-in");
        Assert.Equal(CtrStatus.Running, Status($"{Id}-in"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_terminal_is_resized_and_told_the_end_of_input(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        string[] Lines() => [.. engine.Require($"Get-CtrLog {Id}").Select(l => l.ToString()!.TrimEnd('\r'))];
        engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Tty -- sh -c 'stty size; read line; stty size; cat; echo end' | New-CtrTask -WithStdin"
        );
        engine.Require($"Resize-CtrTerminal {Id} -Width 91 -Height 17; Start-CtrTask {Id}");
        await Eventually.TrueAsync(() => Lines().Contains("17 91"));
        engine.Require($"Resize-CtrTerminal {Id} -Width 3000 -Height 2; Send-CtrInput {Id} go");
        await Eventually.TrueAsync(() => Lines().Contains("2 3000"));
        engine.Require($"Close-CtrStdin {Id}");
        Assert.Equal(0, engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 20").ExitCode);
        await Eventually.TrueAsync(() => Lines()[^1] == "end");
        AssertError(
            engine.Invoke($"Resize-CtrTerminal {Id} -Width 80 -Height 24").Error,
            ErrorIds.TaskNotRunning,
            "ResizeCtrTerminal",
            ErrorCategory.ResourceBusy,
            Id
        );
        engine.Require($"Remove-CtrContainer {Id}");
    }

    [Fact]
    public async Task A_missing_terminal_or_an_impossible_size_is_one_error()
    {
        await StartAsync();
        AssertError(
            Engine.Invoke($"Resize-CtrTerminal {Id} -Width 80 -Height 24").Error,
            ErrorIds.NoTerminal,
            "ResizeCtrTerminal",
            ErrorCategory.InvalidArgument,
            Id
        );
        Engine.Require($"Invoke-CtrExec {Id} -ExecId plain -Detach -- sleep 100");
        AssertError(
            Engine.Invoke($"Resize-CtrTerminal {Id} -ExecId plain -Width 80 -Height 24").Error,
            ErrorIds.NoTerminal,
            "ResizeCtrTerminal",
            ErrorCategory.InvalidArgument,
            Id
        );
        AssertError(
            Engine.Invoke($"Resize-CtrTerminal {Id} -ExecId none -Width 80 -Height 24").Error,
            ErrorIds.ExecNotFound,
            "ResizeCtrTerminal",
            ErrorCategory.ObjectNotFound,
            Id
        );
        foreach (var size in new[] { "-Width 0 -Height 24", "-Width 65536 -Height 24", "-Width 80 -Height 0", "-Width 80 -Height -1" })
            AssertError(
                Engine.Invoke($"Resize-CtrTerminal {Id} {size}").Error,
                "ParameterArgumentValidationError",
                "ResizeCtrTerminal",
                ErrorCategory.InvalidData
            );
        Assert.Equal(CtrStatus.Running, Status());
    }
}
