using System.Diagnostics;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Logs;
using Containerd.Testing;

namespace Containerd.Client.Tests.Processes;

/// <summary>Containers with a restart policy, on real restart monitors.</summary>
public sealed class RestartPolicyTests
{
    private const string Serve = "echo started; echo problem >&2; exec sleep 1000";

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task A_service_and_its_log_survive_crashes_of_itself_its_shim_and_the_daemon(string suite)
    {
        await using var bed = await RestartBed.StartAsync(suite);
        await bed.CreateAsync("web", Serve, "always");
        var created = await bed.GetAsync("web");
        Assert.Equal(("always", " ", false), ($"{created.RestartPolicy}", await bed.LabelsAsync("web"), created.IsRestarting));
        // A container that was not started is not started by the monitor either.
        await bed.LooksAsync();
        Assert.Null(await bed.Ns.Tasks.FindAsync("web"));

        var task = await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions());
        task = await bed.KilledAsync(task);
        await Shim.KillAsync(bed.Ns.Namespace, "web");
        task = await bed.RunningAsync("web", task.Pid);
        using (var daemon = Process.GetProcessById(bed.Client.LocalDaemon!.Pid))
        {
            daemon.Kill();
            await daemon.WaitForExitAsync();
            await Shell.RunAsync("kill", "-9", $"{task.Pid}");
        }

        await bed.Client.Connection.AwaitReturnAsync(TimeSpan.FromSeconds(30), default);
        task = await bed.RunningAsync("web", task.Pid);
        var container = await bed.GetAsync("web");
        Assert.Equal((CtrStatus.Running, null, false), (container.Status, container.LastExit, container.IsRestarting));
        Assert.Equal(suite == "bookworm" ? 0 : 3, container.RestartCount);
        string[] expected = [.. Enumerable.Range(1, 4).SelectMany(n => new[] { $"{n} Stdout started", $"{n} Stderr problem" })];
        await Eventually.TrueAsync(async () => (await bed.LogAsync("web")).Count == expected.Length);
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await bed.LogAsync("web")).Order(StringComparer.Ordinal));

        // Its exit is kept, and the next start resets the count.
        await bed.Ns.Tasks.StopAsync("web", TimeSpan.Zero);
        await bed.Ns.Tasks.RemoveAsync("web");
        container = await bed.GetAsync("web");
        Assert.Equal((CtrStatus.Stopped, 137, false), (container.Status, container.LastExit?.ExitCode, container.IsRestarting));
        task = await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions());
        container = await bed.GetAsync("web");
        Assert.Equal((0, null), (container.RestartCount, container.LastExit));
        await bed.Ns.Tasks.RestartAsync("web", TimeSpan.Zero);
        await bed.KilledAsync(await bed.RunningAsync("web", task.Pid));
        await Eventually.TrueAsync(async () => (await bed.LogAsync("web")).Contains("7 Stdout started"));
        await bed.Ns.Containers.RemoveAsync("web", force: true);
    }

    [Theory]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task Failures_are_repeated_as_often_as_the_policy_says_and_a_success_is_not(string suite)
    {
        await using var bed = await RestartBed.StartAsync(suite);
        await bed.CreateAsync("fails", "echo try; exit 3", "on-failure:2");
        await bed.CreateAsync("ends", "echo done", "on-failure");
        await bed.CreateAsync("again", "echo again; exec sleep 0.1", "unless-stopped");
        foreach (var id in (string[])["fails", "ends", "again"])
            await bed.Ns.Tasks.StartAsync(id, new TaskStartOptions());

        await Eventually.TrueAsync(
            async () => await bed.GetAsync("fails") is { RestartCount: 2, IsRestarting: false, Status: CtrStatus.Stopped },
            TimeSpan.FromSeconds(60)
        );
        await Eventually.TrueAsync(async () => await bed.GetAsync("again") is { RestartCount: > 2 }, TimeSpan.FromSeconds(60));
        var failed = await bed.GetAsync("fails");
        Assert.Equal(
            ("on-failure:2", 2, 3, false),
            ($"{failed.RestartPolicy}", failed.RestartCount, failed.LastExit?.ExitCode, failed.IsRestarting)
        );
        Assert.Equal(["1 Stdout try", "2 Stdout try", "3 Stdout try"], await bed.LogAsync("fails"));
        var ended = await bed.GetAsync("ends");
        Assert.Equal((CtrStatus.Stopped, 0, 0, false), (ended.Status, ended.LastExit?.ExitCode, ended.RestartCount, ended.IsRestarting));
        await Eventually.TrueAsync(
            async () => await bed.GetAsync("again") is { IsRestarting: true, LastExit.ExitCode: 0 },
            TimeSpan.FromSeconds(60)
        );
        // A container that is between two starts can be stopped.
        await bed.Ns.Tasks.StopAsync("again", TimeSpan.Zero);
        await bed.LooksAsync();
        Assert.False((await bed.GetAsync("again")).IsRestarting);
    }

    [Fact]
    public async Task A_log_that_is_followed_goes_on_with_the_next_starts_until_the_container_is_stopped()
    {
        await using var bed = await RestartBed.StartAsync("sid");
        await bed.CreateAsync("web", "echo hello; exec sleep 1000", "always");
        var task = await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions());
        var seen = new List<int>();
        var following = bed.Ns.Logs.ReadAsync("web", new LogReadOptions { Follow = true }, (lines, _) =>
        {
            lock (seen)
                seen.AddRange(lines.Select(line => line.Start));
            return ValueTask.CompletedTask;
        });
        for (var start = 1; start < 4; start++)
        {
            await SeenAsync(start);
            task = await bed.KilledAsync(task);
        }

        await SeenAsync(4);
        Assert.False(following.IsCompleted);
        await bed.Ns.Tasks.StopAsync("web", TimeSpan.Zero);
        await following;
        Assert.Equal([1, 2, 3, 4], seen);

        Task SeenAsync(int start) =>
            Eventually.TrueAsync(
                () =>
                {
                    lock (seen)
                        return seen.Contains(start);
                },
                TimeSpan.FromSeconds(60)
            );
    }

    [Fact]
    public async Task A_policy_can_be_set_and_removed_while_a_container_runs()
    {
        await using var bed = await RestartBed.StartAsync("sid");
        await bed.CreateAsync("web", Serve);
        var task = await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions());
        var changed = await bed.Ns.Containers.SetRestartPolicyAsync("web", CtrRestartPolicy.Parse("unless-stopped"));
        Assert.Equal("unless-stopped", $"{changed.RestartPolicy}");
        task = await bed.KilledAsync(task);
        await Eventually.TrueAsync(async () => (await bed.LogAsync("web")).Count == 4);
        Assert.Equal(["1 Stdout started", "1 Stderr problem"], (await bed.LogAsync("web")).Take(2));

        changed = await bed.Ns.Containers.SetRestartPolicyAsync("web", CtrRestartPolicy.Parse("no"));
        Assert.Null(changed.RestartPolicy);
        Assert.DoesNotContain(changed.Labels.Keys, label => label.StartsWith("containerd.io/restart", StringComparison.Ordinal));
        await Shell.RunAsync("kill", "-9", $"{task.Pid}");
        await bed.LooksAsync();
        Assert.Equal(CtrStatus.Stopped, (await bed.GetAsync("web")).Status);

        // A task that was created before the policy has a plain log; the starts after it have one too.
        await bed.CreateAsync("made", Serve);
        await bed.Ns.Tasks.CreateAsync("made", new TaskStartOptions());
        await bed.Ns.Containers.SetRestartPolicyAsync("made", CtrRestartPolicy.Parse("always"));
        await bed.KilledAsync(await bed.Ns.Tasks.StartAsync("made", new TaskStartOptions()));
        await Eventually.TrueAsync(async () => (await bed.LogAsync("made")).Count == 4);

        // With a policy, a stopped container waits for a start.
        await bed.Ns.Containers.SetRestartPolicyAsync("web", CtrRestartPolicy.Parse("always"));
        await bed.LooksAsync();
        Assert.Equal(CtrStatus.Stopped, (await bed.GetAsync("web")).Status);
        await bed.KilledAsync(await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions()));
    }

    [Fact]
    public async Task A_terminal_is_created_again_where_containerd_can()
    {
        await using var bed = await RestartBed.StartAsync("sid");
        await bed.CreateAsync("tty", "tty; exec sleep 1000", "always", WithTerminal);
        await bed.KilledAsync(await bed.Ns.Tasks.StartAsync("tty", new TaskStartOptions()));
        await Eventually.TrueAsync(async () => (await bed.LogAsync("tty")).Count == 2, TimeSpan.FromSeconds(60));
        Assert.All(await bed.LogAsync("tty"), line => Assert.Contains("/dev/pts/0", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_whose_log_cannot_be_created_runs_and_shows_why_until_it_can()
    {
        await using var bed = await RestartBed.StartAsync("sid");
        await bed.CreateAsync("web", "while :; do echo working; sleep 0.1; done", "always");
        var task = await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions());
        var folder = new LogFolders(bed.Ns.Scope).Of(await bed.GetAsync("web"));
        // The logger cannot create the named pipe of the next start.
        var obstacle = Directory.CreateDirectory(Path.Combine(folder, "2.sync"));
        task = await bed.KilledAsync(task);
        await Eventually.TrueAsync(async () => (await bed.GetAsync("web")).RestartError is not null);
        Assert.StartsWith("The log cannot be written: The named pipe", (await bed.GetAsync("web")).RestartError, StringComparison.Ordinal);
        obstacle.Delete();
        await Eventually.TrueAsync(async () => (await bed.LogAsync("web")).Contains("2 Stdout working"), TimeSpan.FromSeconds(60));
        Assert.Contains(await bed.LogAsync("web"), line =>
            line.Contains("bytes of this log could not be written", StringComparison.Ordinal)
        );
        var container = await bed.GetAsync("web");
        Assert.Equal((null, CtrStatus.Running), (container.RestartError, container.Status));
        Assert.Equal(task.Pid, (await bed.Ns.Tasks.GetAsync("web")).Pid);
    }

    [Fact]
    public async Task The_logger_of_another_client_is_kept()
    {
        const string Uri = "binary:///usr/local/bin/nerdctl?_NERDCTL_INTERNAL_LOGGING=%2Fvar%2Flib%2Fnerdctl";
        await using var bed = await RestartBed.StartAsync("sid");
        await bed.CreateAsync("web", Serve, "always", creation =>
            creation with
            {
                Labels = new Dictionary<string, string> { [ContainerLabels.RestartLogUri] = Uri },
            }
        );
        await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions());
        Assert.Equal(Uri, (await bed.GetAsync("web")).Labels[ContainerLabels.RestartLogUri]);
        await Eventually.TrueAsync(async () => (await bed.LogAsync("web")).Count == 2);
        // Its log of later starts is elsewhere, so the end of this start is the end of the log.
        var task = await bed.Ns.Tasks.GetAsync("web");
        var following = bed.Ns.Logs.ReadAsync("web", new LogReadOptions { Follow = true }, (_, _) => ValueTask.CompletedTask);
        await Shell.RunAsync("kill", "-9", $"{task.Pid}");
        await following;
    }

    [Fact]
    public async Task What_a_restart_cannot_do_is_refused_before_anything_is_changed()
    {
        await using (var bed = await RestartBed.StartAsync("bookworm"))
        {
            await RefusedAsync("Version", () => bed.CreateAsync("web", Serve, "on-failure:3"));
            await RefusedAsync("Terminal", () => bed.CreateAsync("web", Serve, "always", WithTerminal));
            await RefusedAsync("Network", () =>
                bed.CreateAsync("web", Serve, "always", creation =>
                    creation with
                    {
                        Network = new ContainerNetworkOptions { Networks = ["container:other"] },
                    }
                )
            );
            Assert.Empty(await bed.Ns.Containers.ListAsync());
            await bed.CreateAsync("web", Serve, "always");
            await RefusedAsync("Version", () => bed.Ns.Containers.SetRestartPolicyAsync("web", CtrRestartPolicy.Parse("unless-stopped")));
            await RefusedAsync("Stdin", () => bed.Ns.Tasks.StartAsync("web", new TaskStartOptions { WithStdin = true }));
            await RefusedAsync("Log", () => bed.Ns.Tasks.StartAsync("web", new TaskStartOptions { LogPath = "/tmp/own.log" }));
            await RefusedAsync("Log", () => bed.Ns.Tasks.StartAsync("web", new TaskStartOptions { LogFormat = CtrLogFormat.Plain }));
            Assert.Null(await bed.Ns.Tasks.FindAsync("web"));
        }

        await using (var bed = await RestartBed.StartAsync("trixie"))
        {
            await bed.CreateAsync("web", Serve);
            await bed.Ns.Tasks.StartAsync("web", new TaskStartOptions());
            await bed.Ns.Tasks.PauseAsync("web");
            await RefusedAsync("Paused", () => bed.Ns.Containers.SetRestartPolicyAsync("web", CtrRestartPolicy.Parse("always")));
            Assert.Equal(CtrStatus.Paused, (await bed.Ns.Tasks.GetAsync("web")).Status);
        }

        await using (var bed = await RestartBed.StartAsync("trixie", "disabled_plugins = [\"io.containerd.internal.v1.restart\"]"))
            await RefusedAsync("Plugin", () => bed.CreateAsync("web", Serve, "always"));
    }

    [Theory]
    [InlineData("sometimes")]
    [InlineData("always:3")]
    [InlineData("on-failure:0")]
    [InlineData("on-failure:x")]
    [InlineData("on-failure:1:2")]
    [InlineData("")]
    public void A_text_that_is_not_a_policy_is_an_error_with_the_forms(string text)
    {
        var error = Assert.Throws<CtrArgumentException>(() => CtrRestartPolicy.Parse(text));
        Assert.Equal(ErrorIds.InvalidRestartPolicy, error.ErrorId);
        Assert.Contains("on-failure:5", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("always")]
    [InlineData("on-failure")]
    [InlineData("on-failure:5")]
    [InlineData("unless-stopped")]
    public void A_policy_has_the_same_text_in_all_forms(string text) =>
        Assert.Equal(text, $"{CtrRestartPolicy.Parse(text.ToUpperInvariant())}");

    private static ContainerCreateOptions WithTerminal(ContainerCreateOptions creation) =>
        creation with
        {
            Options = creation.Options with { Tty = true },
        };

    private static async Task RefusedAsync(string remedy, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<CtrNotSupportedException>(call);
        Assert.Equal((ErrorIds.RestartNotSupported, remedy), (error.ErrorId, error.RemedyId));
    }
}
