using Containerd.Client.Records;
using Containerd.Testing;

namespace Containerd.Client.Tests.Processes;

/// <summary>A daemon whose restart monitor looks every second.</summary>
internal sealed class RestartBed : IAsyncDisposable
{
    private readonly string _folder;

    private RestartBed(PrivateDaemon daemon, ContainerdClient client, string folder)
    {
        (Daemon, Client, _folder) = (daemon, client, folder);
        Ns = client.In(daemon.Namespace);
    }

    internal PrivateDaemon Daemon { get; }

    internal ContainerdClient Client { get; }

    internal NamespaceClient Ns { get; }

    internal static async Task<RestartBed> StartAsync(string suite, string more = "")
    {
        var folder = Directory.CreateTempSubdirectory("containerd-restart-").FullName;
        var configuration = Path.Combine(folder, "restart.toml");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            version = 2
            {more}
            [plugins."io.containerd.internal.v1.restart"]
              interval = "1s"
            """
        );
        var daemon = await PrivateDaemon.StartAsync(suite, adjust: options => options.ConfigPath = configuration);
        var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = daemon.Address });
        var bed = new RestartBed(daemon, client, folder);
        await bed.Ns.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions());
        return bed;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Daemon.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Creates a container that runs a command in a shell.</summary>
    internal Task<CtrContainer> CreateAsync(
        string id,
        string command,
        string? policy = null,
        Func<ContainerCreateOptions, ContainerCreateOptions>? adjust = null
    )
    {
        var creation = new ContainerCreateOptions
        {
            Id = id,
            Image = TestImages.Busybox,
            Options = new SpecOptions { Command = ["sh", "-c", command] },
            Runtime = Daemon.Runtime,
            RestartPolicy = policy is null ? null : CtrRestartPolicy.Parse(policy),
        };
        return Ns.Containers.CreateAsync(adjust?.Invoke(creation) ?? creation);
    }

    /// <summary>The container as a list shows it.</summary>
    internal async Task<CtrContainer> GetAsync(string id)
    {
        var container = await Ns.Containers.GetAsync(id);
        Ns.Containers.Complete([container], await Ns.Tasks.IndexAsync());
        return container;
    }

    /// <summary>Waits until a container runs with another process.</summary>
    internal async Task<CtrTask> RunningAsync(string id, int otherThan)
    {
        CtrTask? found = null;
        await Eventually.TrueAsync(
            async () =>
            {
                found = await Ns.Tasks.FindAsync(id);
                return found is { Status: CtrStatus.Running } && found.Pid != otherThan;
            },
            TimeSpan.FromSeconds(60)
        );
        return found!;
    }

    /// <summary>Kills a task as a crash does, and waits until the monitor has started it again.</summary>
    internal async Task<CtrTask> KilledAsync(CtrTask task)
    {
        await Shell.RunAsync("kill", "-9", $"{task.Pid}");
        return await RunningAsync(task.ContainerId, task.Pid);
    }

    /// <summary>The monitor has looked at all containers: it has started another container that ended, twice.</summary>
    internal async Task LooksAsync()
    {
        var id = PrivateDaemon.Unique("look");
        await CreateAsync(id, "exec sleep 1000", "always");
        var task = await Ns.Tasks.StartAsync(id, new TaskStartOptions { NoLog = true });
        for (var i = 0; i < 2; i++)
            task = await KilledAsync(task);
        await Ns.Containers.RemoveAsync(id, new ContainerRemoveOptions { Force = true });
    }

    /// <summary>The stored output, a line each: the number of the start, the stream and the text.</summary>
    internal async Task<IReadOnlyList<string>> LogAsync(string id)
    {
        var read = new List<string>();
        await Ns.Logs.ReadAsync(id, new LogReadOptions(), (lines, _) =>
        {
            read.AddRange(lines.Select(line => $"{line.Start} {line.Source} {line.Text}"));
            return ValueTask.CompletedTask;
        });
        return read;
    }

    /// <summary>The labels of the wanted status and of the stop.</summary>
    internal async Task<string> LabelsAsync(string id)
    {
        var labels = (await Ns.Containers.GetAsync(id)).Labels;
        return $"{Of(ContainerLabels.RestartStatus)} {Of(ContainerLabels.ExplicitlyStopped)}";

        string Of(string label) => labels.TryGetValue(label, out var value) ? value : "";
    }
}
