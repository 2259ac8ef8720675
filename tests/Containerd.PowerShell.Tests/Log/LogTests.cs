using System.Management.Automation;
using Containerd.Client;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Log;

/// <summary>Get-CtrLog, and the files behind it.</summary>
public sealed class LogTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string[] Lines(string script) => [.. Engine.Require(script).Select(o => o.ToString())];

    private void Run(string command, string startOptions = "", string options = "") =>
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} {options} -- sh -c '{command}' | Start-CtrTask {startOptions} | Wait-CtrTask -Timeout 20"
        );

    [Fact]
    public void Both_streams_of_every_start_are_returned_and_each_line_has_its_origin()
    {
        Run("echo out; echo err >&2; printf unended");
        Engine.Require($"Start-CtrTask {Id} | Wait-CtrTask");
        Assert.Equal(["out", "unended", "err", "out", "unended", "err"], Lines($"Get-CtrLog {Id}"));
        Assert.Equal(
            ["1 Stdout", "1 Stdout", "1 Stderr", "2 Stdout", "2 Stdout", "2 Stderr"],
            Lines($"Get-CtrLog {Id} | ForEach-Object {{ \"$($_.Start) $($_.Stream)\" }}")
        );
        Assert.Equal(["err", "err"], Lines($"Get-CtrLog {Id} -Stream Stderr"));
        Assert.Equal(["out", "unended", "out", "unended"], Lines($"Get-CtrLog {Id} -Stream Stdout"));
        Assert.Equal(["unended", "err"], Lines($"Get-CtrLog {Id} -Tail 2"));
        Assert.Empty(Lines($"Get-CtrLog {Id} -Tail 0"));
        Assert.Equal(6, Lines($"Get-CtrLog {Id} -Tail 100").Length);
        Assert.Equal(["unended"], Lines($"Get-CtrContainer {Id} | Get-CtrLog -Stream Stdout -Tail 1"));
    }

    [Fact]
    public async Task The_files_are_accessible_only_to_the_owner_and_are_removed_with_the_container()
    {
        Run("echo out; echo err >&2");
        var folder = Assert.Single(LogFolders(Id));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        string[] files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];
        Assert.Equal(["1.stderr", "1.stdout"], files.Select(Path.GetFileName));
        Assert.All(files, f => Assert.Equal(OwnerOnly, File.GetUnixFileMode(f)));
        Engine.Require($"Remove-CtrTask {Id}");
        Assert.Equal(["out", "err"], Lines($"Get-CtrLog {Id}"));
        Engine.Require($"Remove-CtrContainer {Id}");
        Assert.False(Directory.Exists(folder));
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task Output_of_a_container_with_an_interrupted_removal_is_removed_later_and_that_of_an_existing_one_is_kept()
    {
        Run("echo out");
        var folder = Assert.Single(LogFolders(Id));
        Engine.Require($"Remove-CtrTask {Id}");
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = DaemonFixture.Daemon.Address },
            TestContext.Current.CancellationToken
        );
        var ns = client.In(DaemonFixture.Namespace);
        ns.Logs.Removal.Condemn(await ns.Containers.GetAsync(Id, TestContext.Current.CancellationToken));
        Engine.Invoke($"Remove-CtrContainer {Id}-none");
        Assert.True(File.Exists(folder + ".removing"));
        Assert.Equal(["out"], Lines($"Get-CtrLog {Id}"));
        // As if the daemon had removed it, and stopped before it answered.
        await DaemonFixture.CtrInAsync(DaemonFixture.Namespace, "containers", "delete", Id);
        Assert.True(Directory.Exists(folder));
        Assert.Equal(
            "ContainerNotFound,Containerd.PowerShell.RemoveCtrContainerCommand",
            Engine.Invoke($"Remove-CtrContainer {Id}").Error.FullyQualifiedErrorId
        );
        Assert.False(Directory.Exists(folder));
        Assert.False(File.Exists(folder + ".removing"));
    }

    [Fact]
    public void A_terminal_has_one_stream()
    {
        Run("echo out; echo err >&2; test -t 2 && echo tty", options: "-Tty");
        Assert.Equal(["out", "err", "tty"], Lines($"Get-CtrLog {Id}"));
        Assert.Empty(Lines($"Get-CtrLog {Id} -Stream Stderr"));
        Assert.True(Engine.Require<CtrTask>($"Get-CtrTask {Id}").Terminal);
        Assert.Equal("1.stdout", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(Assert.Single(LogFolders(Id))))));
    }

    [Fact]
    public void Without_a_log_nothing_is_stored_and_earlier_starts_are_kept()
    {
        Run("echo out", "-NoLog");
        AssertError(Engine.Invoke($"Get-CtrLog {Id}").Error, ErrorIds.LogNotFound, "GetCtrLog", ErrorCategory.ObjectNotFound, Id);
        Assert.Empty(LogFolders(Id));
        Engine.Require($"Start-CtrTask {Id} | Wait-CtrTask; Start-CtrTask {Id} -NoLog | Wait-CtrTask; Start-CtrTask {Id} | Wait-CtrTask");
        Assert.Equal(["out", "out"], Lines($"Get-CtrLog {Id}"));
        AssertError(
            Engine.Invoke($"New-CtrContainer {Id}-b -Image {Busybox} -- true; Get-CtrLog {Id}-b").Error,
            ErrorIds.LogNotFound,
            "GetCtrLog",
            ErrorCategory.ObjectNotFound,
            $"{Id}-b"
        );
    }

    [Fact]
    public async Task A_terminal_runs_without_a_log_too()
    {
        await StartAsync(
            "-- sh -c 'trap \"exit 7\" TERM; test -t 1 && touch /tty; while :; do echo x; sleep 1 & wait $!; done'",
            options: "-Tty",
            startOptions: "-NoLog"
        );
        await Eventually.TrueAsync(() => Engine.Invoke($"Invoke-CtrExec {Id} -- test -e /tty").Errors.Count == 0);
        Assert.Equal(7, Engine.Require<CtrExit>($"Stop-CtrTask {Id}").ExitCode);
        AssertError(Engine.Invoke($"Get-CtrLog {Id}").Error, ErrorIds.LogNotFound, "GetCtrLog", ErrorCategory.ObjectNotFound, Id);
    }

    [Fact]
    public void The_users_own_file_gets_both_streams_and_is_kept()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-log-").FullName;
        Engine.Require($"$ExecutionContext.SessionState.Path.SetLocation('{folder}')");
        Run("echo out; echo err >&2", "-LogPath ./my.log");
        var file = Path.Combine(folder, "my.log");
        Assert.Equal(["err", "out"], File.ReadAllLines(file).Order(StringComparer.Ordinal));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal(["err", "out"], Lines($"Get-CtrLog {Id}").Order(StringComparer.Ordinal));
        Engine.Require($"Remove-CtrContainer {Id}");
        Assert.True(File.Exists(file));
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id} -LogPath /no/such/folder/log").Error,
            ErrorIds.LogNotWritable,
            "StartCtrTask",
            ErrorCategory.PermissionDenied,
            Id
        );
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_users_own_file_can_have_any_name_and_must_be_empty_for_the_output_of_a_terminal()
    {
        var file = Path.Combine(Folder, "100% a?b#c:d.log");
        Run("echo x", $"-LogPath '{file}'", "-Tty");
        Assert.Equal(["x"], File.ReadAllLines(file));
        Assert.Equal(["x"], Lines($"Get-CtrLog {Id}"));
        AssertError(
            Engine.Invoke($"Start-CtrTask {Id} -LogPath '{file}'").Error,
            ErrorIds.LogNotEmpty,
            "StartCtrTask",
            ErrorCategory.ResourceBusy
        );
        Engine.Require(
            $"New-CtrContainer {Id}-b -Image {Busybox} -- sh -c 'echo y; echo z >&2'; 1..2 | ForEach-Object {{ $null = Start-CtrTask {Id}-b -LogPath '{file}' | Wait-CtrTask }}"
        );
        Assert.Equal(["x", "y", "y", "z", "z"], Lines($"Get-CtrLog {Id}-b -Follow").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_link_to_a_log_file_that_does_not_exist_yet_is_followed_and_kept()
    {
        var (link, file) = (Path.Combine(Folder, "current"), Path.Combine(Folder, "today.log"));
        File.CreateSymbolicLink(link, "today.log");
        Run("echo x", $"-LogPath '{link}'");
        Assert.Equal("today.log", new FileInfo(link).LinkTarget);
        Assert.Equal(["x"], File.ReadAllLines(file));
        Assert.Equal(["x"], Lines($"Get-CtrLog {Id}"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_log_that_cannot_be_read_is_one_error_with_the_reason()
    {
        var file = Path.Combine(Folder, "own.log");
        Run("echo x", $"-LogPath '{file}'");
        File.Delete(file);
        File.CreateSymbolicLink(file, file);
        AssertError(Engine.Invoke($"Get-CtrLog {Id}").Error, ErrorIds.LogNotReadable, "GetCtrLog", ErrorCategory.ReadError);
    }

    [Fact]
    public void A_stream_that_ends_first_does_not_affect_the_other()
    {
        // At that time the shim has finished with the other stream.
        var file = Path.Combine(Folder, "both.log");
        Run("echo out; exec >&-; sleep 0.5; echo err >&2", $"-LogPath '{file}'");
        Assert.Equal(["out", "err"], Lines($"Get-CtrLog {Id}"));
        Assert.Equal(["out", "err"], File.ReadAllLines(file));

        // More than the capacity of a pipe: a process that cannot write it blocks.
        Engine.Require($"New-CtrContainer {Id}-b -Image {Busybox} -- sh -c 'exec >&-; sleep 0.5; head -c 200000 /dev/zero >&2; exit 7'");
        Assert.Equal(7, Engine.Require<CtrExit>($"Start-CtrTask {Id}-b -NoLog -WithStdin | Wait-CtrTask -Timeout 20").ExitCode);
        Assert.Equal(7, Engine.Require<CtrExit>($"Start-CtrTask {Id}-b -LogPath '{file}' | Wait-CtrTask -Timeout 20").ExitCode);
        Assert.Equal(200_008, new FileInfo(file).Length);
    }

    [Fact]
    public async Task The_log_of_another_client_is_read()
    {
        var file = Path.GetTempFileName();
        await DaemonFixture.CtrAsync(
            "run",
            "--detach",
            "--log-uri",
            $"file://{file}",
            Busybox,
            Id,
            "sh",
            "-c",
            "echo foreign; echo error >&2; sleep 1000"
        );
        try
        {
            await Eventually.TrueAsync(() => File.ReadAllLines(file).Length == 2);
            Assert.Equal(["error", "foreign"], Lines($"Get-CtrLog {Id}").Order(StringComparer.Ordinal));
        }
        finally
        {
            Engine.Require($"Remove-CtrContainer {Id} -Force");
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Output_of_a_running_task_can_be_read_in_the_meantime_and_after_its_session_was_closed()
    {
        using (var other = DaemonFixture.Open())
        {
            other.Require(
                $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'echo one; while [ ! -e /go ]; do sleep 0.1; done; echo two' | Start-CtrTask; Disconnect-CtrSession"
            );
        }

        await Eventually.TrueAsync(() => Lines($"Get-CtrLog {Id}") is ["one"]);
        Engine.Require($"Invoke-CtrExec {Id} -- touch /go; Wait-CtrTask {Id} -Timeout 20");
        Assert.Equal(["one", "two"], Lines($"Get-CtrLog {Id}"));
    }

    [Fact]
    public void A_large_log_is_returned_completely_and_can_be_interrupted()
    {
        Run("seq 1 200000");
        Assert.Equal(200000, Lines($"Get-CtrLog {Id}").Length);
        Assert.Equal(["199999", "200000"], Lines($"Get-CtrLog {Id} -Tail 2"));
        Assert.Equal(["1"], Lines($"foreach ($once in 1) {{ Get-CtrLog {Id} | ForEach-Object {{ $_; break }} }}"));
    }
}
