using System.Text;
using Containerd.Client;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>The raw streams of a process in the hands of a program that uses the client library.</summary>
public sealed class StdioCallbackTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task The_callback_has_the_streams_before_the_process_starts()
    {
        using var client = await ConnectAsync();
        var ns = client.In();
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'cat; echo bad >&2; exit 3'");
        CtrStatus? status = null;
        string? output = null,
            errors = null;
        var outcome = await ns.Tasks.RunAsync(
            Id,
            async (streams, cancellationToken) =>
            {
                status = (await ns.Tasks.GetAsync(Id, cancellationToken)).Status;
                var reading = new StreamReader(streams.Stdout).ReadToEndAsync(cancellationToken);
                var complaining = new StreamReader(streams.Stderr!).ReadToEndAsync(cancellationToken);
                await streams.Stdin!.WriteAsync("hello\n"u8.ToArray(), cancellationToken);
                // Closing is the end of input.
                await streams.Stdin.DisposeAsync();
                (output, errors) = (await reading, await complaining);
                Assert.True(streams.Exited.CanBeCanceled);
            },
            withStdin: true
        );
        Assert.Equal((3, "hello\n", "bad\n"), (outcome.Exit.ExitCode, output, errors));
        // Whether the process had started when the callback asked is a race that only the callback's first step wins.
        Assert.Contains(status, new CtrStatus?[] { CtrStatus.Created, CtrStatus.Running });
        Assert.Null(await ns.Tasks.FindAsync(Id));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task The_process_waits_until_the_callback_has_started()
    {
        using var client = await ConnectAsync();
        var ns = client.In();
        await StartAsync();
        var order = new List<string>();
        var outcome = await ns.Execs.RunAsync(Id, Exec("sh", "-c", "touch /tmp/started; sleep 0.2"), (streams, cancellationToken) =>
        {
            // Nothing of it has run: the exec is known, its process is not there.
            order.Add(ns.Execs.ListRunningAsync(Id, cancellationToken).GetAwaiter().GetResult().Count == 0 ? "not started" : "started");
            return Task.CompletedTask;
        });
        Assert.Equal(0, outcome.Exit.ExitCode);
        Assert.Equal(["not started"], order);
    }

    [Fact]
    public async Task Output_that_the_callback_does_not_read_is_discarded()
    {
        using var client = await ConnectAsync();
        await StartAsync();
        var first = new byte[5];
        var outcome = await client
            .In()
            .Execs.RunAsync(
                Id,
                Exec("sh", "-c", "echo first; head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2"),
                async (streams, cancellationToken) =>
                {
                    await streams.Stdout.ReadExactlyAsync(first, cancellationToken);
                    await streams.Stdout.DisposeAsync();
                }
            );
        Assert.Equal(("first", 0, false), (Encoding.UTF8.GetString(first), outcome.Exit.ExitCode, outcome.StreamsHeld));
    }

    [Fact]
    public async Task A_callback_that_fails_ends_the_process_and_leaves_nothing()
    {
        using var client = await ConnectAsync();
        var ns = client.In();
        await StartAsync();
        var failed = await Assert.ThrowsAsync<CtrDataException>(() =>
            ns.Execs.RunAsync(Id, Exec("sh", "-c", "echo x; sleep 1000"), async (streams, cancellationToken) =>
            {
                await streams.Stdout.ReadExactlyAsync(new byte[1], cancellationToken);
                throw new InvalidDataException();
            })
        );
        Assert.IsType<InvalidDataException>(failed.InnerException);
        await Assert.ThrowsAsync<CtrDataException>(() =>
            ns.Execs.RunAsync(Id, Exec("sleep", "1000"), (_, _) => throw new InvalidDataException())
        );
        Assert.Empty(await ns.Execs.ListRunningAsync(Id));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task A_callback_that_does_not_stop_keeps_no_process_alive()
    {
        using var client = await ConnectAsync();
        var ns = client.In();
        await StartAsync();
        using var giveUp = new CancellationTokenSource();
        var never = new TaskCompletionSource();
        var run = ns.Execs.RunAsync(Id, Exec("sleep", "1000"), (_, _) => never.Task, giveUp.Token);
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrProcess {Id}").Count == 2);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(2)));
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrProcess {Id}").Count == 1, TimeSpan.FromSeconds(3));
        never.SetResult();
    }

    [Fact]
    public async Task A_session_that_is_closed_right_after_a_cancellation_has_cleaned_up_before()
    {
        await StartAsync();
        using var other = DaemonFixture.Open();
        using var client = await ConnectAsync();
        using var giveUp = new CancellationTokenSource();
        var exec = client
            .In()
            .Execs.RunAsync(
                Id,
                Exec("sh", "-c", "trap '' TERM; sleep 1000"),
                (streams, ct) => streams.Stdout.ReadExactlyAsync(new byte[1], ct).AsTask(),
                giveUp.Token
            );
        await Eventually.TrueAsync(() => other.Require($"Get-CtrProcess {Id}").Count > 1);
        var run = Engine.Start($"Invoke-CtrContainer {Busybox} -Id {Id}-run -- sleep 1000");
        await Eventually.TrueAsync(() => other.Require($"Get-CtrProcess {Id}-run -ErrorAction Ignore").Count == 1);
        await giveUp.CancelAsync();
        client.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exec);
        Assert.Single(other.Require($"Get-CtrProcess {Id}"));
        await run.StopAsync();
        Engine.Require("Disconnect-CtrSession");
        Assert.Equal(
            [Id],
            other
                .Require("Get-CtrContainer")
                .Select(c => c.Properties["ContainerId"].Value)
                .Where(id => id.ToString()!.StartsWith(Id, StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task A_started_process_keeps_its_callback_until_it_ends()
    {
        using var client = await ConnectAsync();
        var ns = client.In();
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'cat; echo bye'");
        var output = new TaskCompletionSource<string>();
        var ended = new TaskCompletionSource();
        Stream? stdin = null;
        var task = await ns.Tasks.StartAsync(
            Id,
            async (streams, cancellationToken) =>
            {
                streams.Exited.Register(ended.SetResult);
                stdin = streams.Stdin;
                output.SetResult(await new StreamReader(streams.Stdout).ReadToEndAsync(cancellationToken));
            },
            withStdin: true
        );
        Assert.Equal(CtrStatus.Running, task.Status);
        await stdin!.WriteAsync("hello\n"u8.ToArray());
        await ns.Tasks.CloseInputAsync(Id);
        await stdin.DisposeAsync();
        Assert.Equal("hello\nbye\n", await output.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        // As libcontainerd does, it leaves the task to be deleted.
        Assert.Equal(CtrStatus.Stopped, (await ns.Tasks.GetAsync(Id)).Status);
        await DaemonFixture.AssertPipesGoAsync();

        await ns.Tasks.RemoveAsync(Id);
        Engine.Require($"Set-CtrContainer {Id} -Label @{{}}; Start-CtrTask {Id} -WithStdin");
        var heard = new TaskCompletionSource<string>();
        var exec = await ns.Execs.StartAsync(Id, Exec("echo", "there"), async (streams, cancellationToken) =>
            heard.SetResult(await new StreamReader(streams.Stdout).ReadToEndAsync(cancellationToken))
        );
        Assert.Equal("there\n", await heard.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, (await ns.Execs.RemoveAsync(Id, exec.ExecId, force: true)).ExitCode);
    }

    private async Task<ContainerdClient> ConnectAsync() =>
        await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = DaemonFixture.Daemon.Address, Namespace = DaemonFixture.Namespace }
        );

    private static ExecStartOptions Exec(params string[] command) => new() { Options = new ExecOptions { Command = command } };
}
