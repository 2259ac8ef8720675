using Containerd.Client.Records;
using Containerd.Testing;

namespace Containerd.Client.Tests.Processes;

/// <summary>Containers that containerd's restart monitor keeps running, by labels that any client can set.</summary>
public sealed class RestartHoldTests
{
    private const string Configuration = """
        version = 2
        [plugins."io.containerd.internal.v1.restart"]
          interval = "1s"
        """;

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task A_container_is_stopped_gracefully_started_paused_and_removed_while_the_monitor_keeps_it_running(string suite)
    {
        var folder = Directory.CreateTempSubdirectory("containerd-restart-").FullName;
        try
        {
            await RunAsync(suite, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string suite, string folder)
    {
        var configuration = Path.Combine(folder, "restart.toml");
        await File.WriteAllTextAsync(configuration, Configuration);
        await using var daemon = await PrivateDaemon.StartAsync(suite, adjust: options => options.ConfigPath = configuration);
        using var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = daemon.Address });
        var ns = client.In(daemon.Namespace);
        await ns.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions());

        // It needs more time for its end than the monitor has between two looks.
        var id = PrivateDaemon.Unique("c");
        await CreateAsync(ns, daemon, id, "trap 'sleep 3; exit 0' TERM; while :; do sleep 0.1; done");
        var task = await ns.Tasks.StartAsync(id, new TaskStartOptions());
        Assert.Equal("running ", await LabelsAsync(ns, id));
        await KilledAsync(ns, task);

        await ReadyAsync(ns, id);
        var exit = await ns.Tasks.StopAsync(id, TimeSpan.FromSeconds(30));
        Assert.Equal(0, exit.ExitCode);
        await AssertStoppedAsync();
        await LooksAsync(ns, daemon);
        await AssertStoppedAsync();

        // A start hands it to the monitor again.
        task = await ns.Tasks.StartAsync(id, new TaskStartOptions());
        Assert.Equal("running ", await LabelsAsync(ns, id));
        await KilledAsync(ns, task);

        // A stop that is canceled leaves it to the monitor.
        await ReadyAsync(ns, id);
        using (var cancellation = new CancellationTokenSource())
        {
            var stopping = ns.Tasks.StopAsync(id, TimeSpan.FromHours(1), CtrSignal.Parse("CONT").Number, cancellation.Token);
            await Eventually.TrueAsync(async () => await LabelsAsync(ns, id) == " true");
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);
            Assert.Equal("running ", await LabelsAsync(ns, id));
        }

        await AssertPauseAsync(ns, daemon, id, isSupported: suite == "sid");
        await ns.Containers.RemoveAsync(id, new ContainerRemoveOptions { Force = true });
        await LooksAsync(ns, daemon);
        Assert.Null(await ns.Tasks.FindAsync(id));
        await Assert.ThrowsAsync<CtrNotFoundException>(() => ns.Containers.GetAsync(id));

        async Task AssertStoppedAsync() =>
            Assert.Equal((CtrStatus.Stopped, " true"), ((await ns.Tasks.GetAsync(id)).Status, await LabelsAsync(ns, id)));
    }

    private static async Task AssertPauseAsync(NamespaceClient ns, PrivateDaemon daemon, string id, bool isSupported)
    {
        var before = await RunningAsync(ns, id, otherThan: 0);
        if (!isSupported)
        {
            var error = await Assert.ThrowsAsync<CtrNotSupportedException>(() => ns.Tasks.PauseAsync(id));
            Assert.Equal((ErrorIds.PauseNotSupported, id), (error.ErrorId, error.Subject));
            return;
        }

        await ns.Tasks.PauseAsync(id);
        await LooksAsync(ns, daemon);
        var paused = await ns.Tasks.GetAsync(id);
        Assert.Equal((CtrStatus.Paused, before.Pid, "running "), (paused.Status, paused.Pid, await LabelsAsync(ns, id)));
        await ns.Tasks.ResumeAsync(id);
    }

    /// <summary>The monitor has looked at all containers: it has started another container that ended, twice.</summary>
    private static async Task LooksAsync(NamespaceClient ns, PrivateDaemon daemon)
    {
        var id = PrivateDaemon.Unique("look");
        await CreateAsync(ns, daemon, id, "exec sleep 1000");
        var task = await ns.Tasks.StartAsync(id, new TaskStartOptions());
        for (var i = 0; i < 2; i++)
            task = await KilledAsync(ns, task);
        await ns.Containers.RemoveAsync(id, new ContainerRemoveOptions { Force = true });
    }

    /// <summary>Kills a task as a crash does, and waits until the monitor has started it again.</summary>
    private static async Task<CtrTask> KilledAsync(NamespaceClient ns, CtrTask task)
    {
        await Shell.RunAsync("kill", "-9", $"{task.Pid}");
        return await RunningAsync(ns, task.ContainerId, (int)task.Pid);
    }

    private static async Task<CtrTask> RunningAsync(NamespaceClient ns, string id, int otherThan)
    {
        CtrTask? found = null;
        await Eventually.TrueAsync(async () =>
        {
            found = await ns.Tasks.FindAsync(id);
            return found is { Status: CtrStatus.Running } && found.Pid != otherThan;
        });
        return found!;
    }

    /// <summary>The program has set its trap: it is in its loop.</summary>
    private static async Task ReadyAsync(NamespaceClient ns, string id)
    {
        var task = await RunningAsync(ns, id, otherThan: 0);
        await Eventually.TrueAsync(() => File.ReadAllText($"/proc/{task.Pid}/task/{task.Pid}/children").Length > 0);
    }

    private static async Task CreateAsync(NamespaceClient ns, PrivateDaemon daemon, string id, string command)
    {
        var spec = await ns.Specs.BuildAsync(id, new SpecOptions { Command = ["sh", "-c", command] }, TestImages.Busybox, null);
        await ns.Containers.CreateAsync(
            new ContainerCreateOptions
            {
                Id = id,
                Image = TestImages.Busybox,
                Spec = spec,
                Runtime = daemon.Runtime,
                Labels = new Dictionary<string, string> { [ContainerLabels.RestartPolicy] = "always" },
            }
        );
    }

    /// <summary>The labels of the wanted status and of the stop.</summary>
    private static async Task<string> LabelsAsync(NamespaceClient ns, string id)
    {
        var labels = (await ns.Containers.GetAsync(id)).Labels;
        return $"{Of(ContainerLabels.RestartStatus)} {Of(ContainerLabels.ExplicitlyStopped)}";

        string Of(string label) => labels.TryGetValue(label, out var value) ? value : "";
    }
}
