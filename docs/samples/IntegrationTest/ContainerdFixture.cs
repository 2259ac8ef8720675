using Containerd;
using Containerd.Client;
using Xunit;

namespace IntegrationTest;

/// <summary>
/// A containerd of the tests' own. It is stopped with all its containers when the tests are over, also when the test process is killed. Requires
/// root, and a containerd and runc in the PATH, but no running daemon.
/// </summary>
public sealed class ContainerdFixture : IAsyncLifetime
{
    private CtrDaemon? _daemon;
    private ContainerdClient? _client;

    /// <summary>The image of the tests.</summary>
    public static string Image => Environment.GetEnvironmentVariable("SAMPLE_IMAGE") ?? "docker.io/library/busybox:latest";

    /// <summary>What the daemon offers in the namespace of the tests.</summary>
    public NamespaceClient Containers => _client?.In("tests") ?? throw new InvalidOperationException("The fixture has not started.");

    public async ValueTask InitializeAsync()
    {
        _daemon = await CtrDaemons.StartAsync(new CtrDaemonOptions { Name = $"tests-{Environment.ProcessId}" });
        _client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = _daemon.Address });
        await Containers.Images.PullAsync(Image, new ImagePullOptions());
    }

    /// <summary>Starts a container of the image.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The container, which is removed when it is disposed of.</returns>
    public async Task<TestContainer> StartAsync(params string[] command)
    {
        var id = GeneratedId.New();
        var options = new SpecOptions { Command = command };
        await Containers.Containers.CreateAsync(
            new ContainerCreateOptions
            {
                Id = id,
                Image = Image,
                Options = options,
            }
        );
        var container = new TestContainer(Containers, id);
        try
        {
            await Containers.Tasks.StartAsync(id, new TaskStartOptions());
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_daemon is not null)
            await CtrDaemons.StopAsync(_daemon.Name, force: true, removeData: true);
    }
}
