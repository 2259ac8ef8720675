using System.Collections.Concurrent;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>What the examples of the documentation run on: a daemon, a folder to be in, a registry.</summary>
public sealed class ExampleStage : IAsyncLifetime
{
    private PrivateDaemon? _withCriu;
    private TestSshHost? _host;
    private TestRegistry? _registry;
    private readonly ConcurrentDictionary<string, int> _numbers = new();
    private int _places;

    public PrivateDaemon Daemon { get; private set; } = null!;

    public string Folder { get; } = Directory.CreateTempSubdirectory("ctr-help-").FullName;

    public async ValueTask InitializeAsync()
    {
        // The networks of the examples are not those of the machine.
        Daemon = await PrivateDaemon.StartAsync(adjust: options =>
            options.ContainerdPath = Repository.Fixture("containerd-in-own-network.sh")
        );

        // What the examples call registry.example.com.
        _registry = await TestRegistry.StartAsync();
        var hosts = Directory.CreateDirectory(Path.Combine(Folder, "certs.d", "registry.example.com")).FullName;
        await File.WriteAllTextAsync(Path.Combine(hosts, "hosts.toml"), $"server = \"http://{_registry.Host}\"\n");
        await _registry.CopyInAsync("oci-archive:" + await TestImages.BusyboxTarAsync(), "team/app:1");
        await Shell.RunAsync(Repository.Fixture("make-image.sh"), Path.Combine(Folder, "busybox.tar"), "docker.io/library/busybox:latest");
    }

    public async Task<PrivateDaemon> WithCriu() => _withCriu ??= await PrivateDaemon.StartAsync("sid");

    /// <summary>A host that runs the daemon, and the folder of an ssh that knows it.</summary>
    public async Task<string> WithSsh()
    {
        if (_host is null)
        {
            _host = await TestSshHost.StartAsync(socket: Daemon.SocketPath);
            File.Copy(_host.KeyFile, Path.Combine(Folder, "deploy_key"));
        }

        return await _host.MakeClientAsync("web1 web2");
    }

    /// <summary>The folder that a place has for itself, so that nothing depends on what others wrote.</summary>
    public string FolderOf(string place) =>
        // The examples show paths of the usual length.
        Path.Combine(Folder, $"{_numbers.GetOrAdd(place, _ => Interlocked.Increment(ref _places))}");

    /// <summary>
    /// What was done before an example or a page begins, in PowerShell: a session in a namespace of its own, the image, the registry's
    /// address.
    /// </summary>
    public string Setup(PrivateDaemon daemon, string place)
    {
        ArgumentNullException.ThrowIfNull(daemon);
        var folder = Directory.CreateDirectory(FolderOf(place)).FullName;
        Directory.CreateSymbolicLink(Path.Combine(folder, "certs.d"), Path.Combine(Folder, "certs.d"));
        foreach (var file in Directory.EnumerateFiles(Folder))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return $$"""
            $null = $ExecutionContext.SessionState.Path.SetLocation('{{folder}}')
            $null = Connect-CtrSession -Address '{{daemon.Address}}' -Namespace {{place}}
            $null = Import-CtrImage ./busybox.tar
            $PSDefaultParameterValues = @{ 'Receive-CtrImage:HostsDirectory' = './certs.d'; 'Send-CtrImage:HostsDirectory' = './certs.d'; 'Connect-CtrRegistry:HostsDirectory' = './certs.d' }
            """;
    }

    /// <summary>Removes, in PowerShell, everything that it left.</summary>
    public static string End(PrivateDaemon daemon, string place)
    {
        ArgumentNullException.ThrowIfNull(daemon);
        return $$"""
            Get-CtrSession | Disconnect-CtrSession
            $left = Connect-CtrSession -Address '{{daemon.Address}}' -Namespace {{place}}
            Get-CtrContainer | Remove-CtrContainer -Force
            Get-CtrNetwork | Remove-CtrNetwork
            $null = Clear-CtrVolume -All -Confirm:$false
            Disconnect-CtrSession
            """;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        if (_withCriu is not null)
            await _withCriu.DisposeAsync();
        await Daemon.DisposeAsync();
        if (_registry is not null)
            await _registry.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
