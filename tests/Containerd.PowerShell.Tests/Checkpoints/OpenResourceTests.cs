using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>What a process holds besides its memory: CRIU refuses it without its switch, and takes it with it.</summary>
public sealed class OpenResourceTests(DaemonFixtures fixtures) : CheckpointTest(fixtures)
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_connection_to_the_host_continues_without_loss(string suite)
    {
        await UseCriuAsync(suite);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await StartAsync(
            $"-- sh -c '(i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done) | nc 127.0.0.1 {((IPEndPoint)listener.LocalEndpoint).Port}'",
            options: "-HostNetwork"
        );
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        async Task<int> ReadAsync() =>
            int.Parse(
                (await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20)))!,
                CultureInfo.InvariantCulture
            );
        var last = await ReadAsync();
        await AssertRefusedAsync("-AllowOpenTcp");
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}' -AllowOpenTcp -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'"
        );
        // More than what was on its way.
        for (var i = 0; i < 100; i++)
        {
            var next = await ReadAsync();
            Assert.Equal(last + 1, next);
            last = next;
        }

        Assert.Equal(CtrStatus.Running, Status());
    }

    [Theory]
    [InlineData("bookworm", "")]
    [InlineData("sid", ".tar.gz")]
    public async Task A_connection_within_the_container_continues_in_the_same_and_in_a_new_container(string suite, string ending)
    {
        await UseCriuAsync(suite);
        await StartAsync(Connected);
        await CountsOnAsync();
        await AssertRefusedAsync("-AllowOpenTcp");
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}{ending}' -AllowOpenTcp -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}{ending}'; Restore-CtrContainer '{CheckpointPath}{ending}' {Id}-new"
        );
        await CountsOnAsync();
        await CountsOnAsync($"{Id}-new");
        Assert.Equal(1, AssertConsecutive());
        Assert.InRange(AssertConsecutive($"{Id}-new"), 2, Counted().Length);
        foreach (var id in new[] { Id, $"{Id}-new" })
        {
            // What made it possible is not in its spec.
            Assert.Null(Engine.Require<CtrContainer>($"Get-CtrContainer {id}").Spec!.Hooks);
            Assert.Contains(
                "LOOPBACK,UP",
                Engine.Require($"Invoke-CtrExec {id} -- ip link show lo")[0].ToString(),
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_socket_that_is_connected_to_the_outside_is_reconnected(string suite)
    {
        await UseCriuAsync(suite);
        var path = Path.Combine(Folder, "socket");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.ReceiveTimeout = 20_000;
        int Receive()
        {
            var buffer = new byte[100];
            return int.Parse(Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)), CultureInfo.InvariantCulture);
        }

        const string Sender =
            "-- perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $ARGV[0]) or die $!; while (1) { $i++; send $s, $i, 0; select undef, undef, undef, 0.05 }'";
        var mounts = $"{HostPrograms}, '{path}:{path}'";
        await StartAsync($"{Sender} {path}", options: $"{mounts} -HostNetwork");
        var last = Receive();
        await AssertRefusedAsync("-AllowExternalUnixSocket");
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}' -AllowExternalUnixSocket -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'"
        );
        for (var i = 0; i < 60; i++)
        {
            var next = Receive();
            Assert.Equal(last + 1, next);
            last = next;
        }

        // From a network namespace of its own CRIU does not see the other end, and says so.
        var id = NewId();
        Engine.Require($"Stop-CtrTask {Id} -Force");
        while (socket.Available > 0)
            Receive();
        await StartAsync($"{Sender} {path}", id, mounts);
        Assert.InRange(Receive(), 1, last);
        var error = Engine.Invoke($"Checkpoint-CtrTask {id} '{CheckpointPath}-own' -AllowExternalUnixSocket").Error;
        AssertError(error, ErrorIds.CheckpointFailed, "CheckpointCtrTask", ErrorCategory.OperationStopped, id);
        Assert.Contains("-HostNetwork", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(CtrStatus.Running, Status(id));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_lock_on_a_file_is_restored(string suite)
    {
        await UseCriuAsync(suite);
        await StartLockAsync();
        await AssertRefusedAsync("-AllowFileLock");
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}.tar' -AllowFileLock -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}.tar'; Restore-CtrContainer '{CheckpointPath}.tar' {Id}-new"
        );
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
        AssertLocked(Id);
        AssertLocked($"{Id}-new");
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_process_on_the_terminal_of_an_exec_is_saved_with_its_switch(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        // The exec's shell leads the session and is not saved; what it left in its background is.
        Engine.Require($"Invoke-CtrExec {Id} -Tty -Detach -ExecId shell -- sh -c '(sleep 1000 &); sleep 1001'");
        await Eventually.TrueAsync(() =>
            Engine.Require($"Invoke-CtrExec {Id} -- ps").Any(l => l.ToString()!.Contains("sleep 1000", StringComparison.Ordinal))
        );
        await AssertRefusedAsync("-AllowTerminal");
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -AllowTerminal");
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
        // CRIU knows no terminal to give it when it restores.
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new"),
            error =>
            {
                AssertError(error, ErrorIds.RestoreFailed, "RestoreCtrContainer", ErrorCategory.OperationStopped, CheckpointPath);
                Assert.Contains("CRIU says: ", error.Exception.Message, StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public async Task A_terminal_of_the_container_itself_needs_no_switch_and_works_with_it()
    {
        await UseCriuAsync("bookworm");
        await StartCounterAsync("-Tty");
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}' -AllowTerminal -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'"
        );
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_work_path_keeps_CRIUs_log_and_does_not_affect_the_checkpoint(string suite)
    {
        await UseCriuAsync(suite);
        await StartCounterAsync();
        var work = Path.Combine(Folder, "work");
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -WorkPath '{work}' -Exit");
        Assert.Contains(
            "Dumping finished successfully",
            await File.ReadAllTextAsync(Path.Combine(work, "dump.log"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Engine.Require($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'");
        await CountsOnAsync();

        // Also of one that failed; and it may lie in a folder that the checkpoint would have made.
        Engine.Require($"New-CtrContainer {Id}-tcp -Image {Busybox} {Connected} | Start-CtrTask");
        await CountsOnAsync($"{Id}-tcp");
        Assert.NotEmpty(
            Engine.Invoke($"Checkpoint-CtrTask {Id}-tcp '{CheckpointPath}-new/a' -WorkPath '{CheckpointPath}-new/criu'").Errors
        );
        Assert.Equal([$"{CheckpointPath}-new/criu"], Directory.EnumerateFileSystemEntries($"{CheckpointPath}-new"));
        Assert.Contains(
            "tcp-established",
            await File.ReadAllTextAsync($"{CheckpointPath}-new/criu/dump.log", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_containers_own_options_of_CRIU_stay_in_force(string suite)
    {
        await UseCriuAsync(suite);
        var options = Path.Combine(Folder, "criu.conf");
        await File.WriteAllTextAsync(options, "file-locks\n", TestContext.Current.CancellationToken);
        await StartLockAsync($"-Annotation @{{ 'org.criu.config' = '{options}' }}");
        // CRIU reads them there when it saves; when it restores, with what the checkpoint needs besides.
        Engine.Require(
            $"Checkpoint-CtrTask {Id} '{CheckpointPath}' -AllowOpenTcp -Exit; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'"
        );
        await CountsOnAsync();
        AssertLocked(Id);
        Assert.Equal(options, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Annotations!["org.criu.config"]);
    }

    private async Task StartLockAsync(string options = "")
    {
        await StartAsync(
            "-- perl -e '$| = 1; open F, \">\", \"/lock\"; flock F, 2; while (1) { $i++; print \"$i\\n\"; select undef, undef, undef, 0.05 }'",
            options: $"{HostPrograms} {options}"
        );
        await CountsOnAsync();
    }

    private void AssertLocked(string id) =>
        Assert.Equal(
            "locked",
            Engine
                .Require($"Invoke-CtrExec {id} -- perl -e 'open F, \">\", \"/lock\"; print flock(F, 6) ? \"free\" : \"locked\"'")
                .Single()
                .ToString()
        );

    /// <summary>Without its switch CRIU refuses, the error names the switch, and nothing has changed.</summary>
    private Task AssertRefusedAsync(string parameter) =>
        AssertUnchangedAsync(
            () => Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit"),
            error =>
            {
                AssertError(error, ErrorIds.CheckpointFailed, "CheckpointCtrTask", ErrorCategory.OperationStopped, Id);
                Assert.Contains("CRIU says: ", error.Exception.Message, StringComparison.Ordinal);
                Assert.Contains(parameter, error.ErrorDetails?.RecommendedAction, StringComparison.Ordinal);
            }
        );
}
