using System.Globalization;
using Containerd.Testing;

namespace Containerd.Client.Tests.Daemons;

public sealed class DaemonStartTests
{
    private static readonly string Silent = Repository.Fixture("silent-containerd.sh");

    [Theory]
    [InlineData("bookworm", "runc", "1.6.")]
    [InlineData("trixie", "runc", "1.7.")]
    [InlineData("sid", "runc", "2.")]
    [InlineData("bookworm", "crun", "1.6.")]
    [InlineData("sid", "crun", "2.")]
    public async Task A_daemon_starts_serves_and_leaves_nothing(string suite, string runtime, string version)
    {
        await using var daemon = await PrivateDaemon.StartAsync(suite, runtime);
        Assert.StartsWith(version, daemon.Daemon.Version, StringComparison.Ordinal);
        Assert.Equal(CtrDaemonState.Running, daemon.Daemon.State);
        Assert.True(daemon.Daemon.Ephemeral);
        Assert.Equal(Path.Combine(daemon.Daemon.Path, "logs"), CtrDaemonFolder.DataRootFor(daemon.SocketPath));
        Assert.Contains(CtrDaemons.Find(), found => found.Name == daemon.Daemon.Name && found.Pid == daemon.Daemon.Pid);

        await DaemonTraces.RunTaskAsync(daemon, "sleeper");
        var conflict = await Assert.ThrowsAsync<CtrConflictException>(() => CtrDaemons.StopAsync(daemon.Daemon.Name));
        Assert.Equal(ErrorIds.DaemonHasTasks, conflict.ErrorId);
        Assert.Contains($"{daemon.Namespace}/sleeper", conflict.Message, StringComparison.Ordinal);

        var pids = DaemonTraces.ProcessesOf(daemon);
        Assert.True(pids.Count >= 3, $"supervisor, containerd, shim: {pids.Count}");
        await CtrDaemons.StopAsync(daemon.Daemon.Name, force: true);
        DaemonTraces.AssertNothingLeft(daemon, pids);
        Assert.DoesNotContain(CtrDaemons.Find(), found => found.Name == daemon.Daemon.Name);
    }

    [Fact]
    public async Task A_specified_folder_is_kept_and_reused_until_its_data_is_removed()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-kept-").FullName;
        var name = PrivateDaemon.Unique("kept");
        await using (var first = await PrivateDaemon.StartAsync(adjust: options => (options.Name, options.Path) = (name, folder)))
        {
            await first.CtrAsync("namespaces", "create", "mine");
            await CtrDaemons.StopAsync(name);
        }

        Assert.True(Directory.Exists(Path.Combine(folder, "root")));
        await using (var second = await PrivateDaemon.StartAsync(adjust: options => (options.Name, options.Path) = (name, folder)))
        {
            Assert.Contains("mine", await second.CtrAsync("namespaces", "list"), StringComparison.Ordinal);
            var inUse = await Assert.ThrowsAsync<CtrConflictException>(() => CtrDaemons.StartAsync(new CtrDaemonOptions { Path = folder }));
            Assert.Equal(ErrorIds.DaemonPathInUse, inUse.ErrorId);
            await CtrDaemons.StopAsync(name, removeData: true);
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_folder_with_a_long_name_does_not_affect_the_socket()
    {
        var parent = Directory.CreateTempSubdirectory("containerd-long-").FullName;
        var folder = Path.Combine(parent, new string('x', 120), "with space");
        await using (var daemon = await PrivateDaemon.StartAsync(adjust: options => options.Path = folder))
        {
            Assert.Equal(folder, daemon.Daemon.Path);
            await DaemonTraces.RunTaskAsync(daemon, "sleeper");
            var pids = DaemonTraces.ProcessesOf(daemon);
            await CtrDaemons.StopAsync(daemon.Daemon.Name, force: true, removeData: true);
            DaemonTraces.AssertNothingLeft(daemon, pids);
        }

        Directory.Delete(parent, recursive: true);
    }

    [Fact]
    public async Task Two_with_one_name_are_a_conflict()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        var conflict = await Assert.ThrowsAsync<CtrConflictException>(() =>
            CtrDaemons.StartAsync(new CtrDaemonOptions { Name = daemon.Daemon.Name })
        );
        Assert.Equal(ErrorIds.DaemonExists, conflict.ErrorId);
        Assert.Equal(CtrDaemonState.Running, Assert.Single(CtrDaemons.Find(), found => found.Name == daemon.Daemon.Name).State);
    }

    [Fact]
    public async Task Two_concurrent_starts_with_one_name_are_one_daemon_and_one_conflict()
    {
        var name = PrivateDaemon.Unique("twice");
        var starts = Enumerable.Range(0, 2).Select(_ => CtrDaemons.StartAsync(new CtrDaemonOptions { Name = name })).ToArray();
        await Task.WhenAll(starts.Select(start => start.ContinueWith(static _ => { }, TaskScheduler.Default)));
        try
        {
            _ = Assert.Single(starts, start => start.IsCompletedSuccessfully);
            Assert.IsType<CtrConflictException>(Assert.Single(starts, start => start.IsFaulted).Exception!.InnerException);
        }
        finally
        {
            await CtrDaemons.StopAsync(name);
        }
    }

    [Fact]
    public async Task A_missing_binary_is_named_with_a_remedy()
    {
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() =>
            CtrDaemons.StartAsync(new CtrDaemonOptions { ContainerdPath = "no-such-containerd" })
        );
        Assert.Equal(ErrorIds.ContainerdNotFound, error.ErrorId);
        Assert.Contains("no-such-containerd", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install containerd runc", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_configuration_gives_the_logs_reason()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "version = 2\n[grpc]\n  max_recv_message_size = \"many\"\n");
        var name = PrivateDaemon.Unique("broken");
        var error = await Assert.ThrowsAsync<CtrRuntimeException>(() =>
            CtrDaemons.StartAsync(new CtrDaemonOptions { Name = name, ConfigPath = file })
        );
        Assert.Equal(ErrorIds.DaemonStartFailed, error.ErrorId);
        Assert.Contains("TOML", error.Message, StringComparison.Ordinal);
        var log = error.Remedy!.Split(' ', StringSplitOptions.TrimEntries)[^1].TrimEnd('.');
        Assert.True(File.Exists(log), log);
        Assert.False(Directory.Exists(log[..^".log".Length]));
        Assert.DoesNotContain(CtrDaemons.Find(), found => found.Name == name);
        File.Delete(log);
        File.Delete(file);
    }

    [Fact]
    public async Task A_daemon_that_never_answers_times_out_and_is_removed()
    {
        var name = PrivateDaemon.Unique("mute");
        var error = await Assert.ThrowsAsync<CtrTimeoutException>(() =>
            CtrDaemons.StartAsync(
                new CtrDaemonOptions
                {
                    Name = name,
                    ContainerdPath = Silent,
                    Timeout = TimeSpan.FromSeconds(0.5),
                }
            )
        );
        Assert.Equal(ErrorIds.DaemonStartTimedOut, error.ErrorId);
        Assert.DoesNotContain(CtrDaemons.Find(), found => found.Name == name);
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), $"containerd-{name}-*"));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_leaves_nothing()
    {
        var name = PrivateDaemon.Unique("cancelled");
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            CtrDaemons.StartAsync(new CtrDaemonOptions { Name = name, ContainerdPath = Silent }, cancel.Token)
        );
        Assert.DoesNotContain(CtrDaemons.Find(), found => found.Name == name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../evil")]
    [InlineData("-flag")]
    [InlineData("a b")]
    public async Task A_name_that_cannot_be_a_folder_is_rejected(string name)
    {
        var error = await Assert.ThrowsAsync<CtrArgumentException>(() => CtrDaemons.StartAsync(new CtrDaemonOptions { Name = name }));
        Assert.Equal(ErrorIds.InvalidDaemonName, error.ErrorId);
    }

    [Fact]
    public async Task Stopping_a_missing_daemon_is_an_error()
    {
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() => CtrDaemons.StopAsync("no-such-daemon"));
        Assert.Equal(ErrorIds.DaemonNotFound, error.ErrorId);
    }

    [Fact]
    public async Task The_daemon_has_the_specified_environment_and_search_path()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-bin-").FullName;
        await using (
            var daemon = await PrivateDaemon.StartAsync(adjust: options =>
            {
                options.SearchPath = [folder];
                options.Environment = new Dictionary<string, string> { ["CTR_TEST"] = "yes" };
            })
        )
        {
            var environment = await File.ReadAllTextAsync(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{daemon.Daemon.Pid}/environ")
            );
            Assert.Contains("CTR_TEST=yes\0", environment, StringComparison.Ordinal);
            Assert.Contains($"PATH={folder}:", environment, StringComparison.Ordinal);
        }

        Directory.Delete(folder);
    }
}
