using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Containerd.Client.Tests.Helpers;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>A daemon in a network namespace of its own, with the network front (10.88.1.0/24) and the helper program as a hook.</summary>
internal sealed class NetworkDaemon : IAsyncDisposable
{
    private const string Configuration = """
        version = 2
        [plugins."io.containerd.internal.v1.restart"]
          interval = "1s"
        """;

    private readonly PrivateDaemon _daemon;
    private readonly ContainerdClient _client;
    private readonly string _folder;

    private NetworkDaemon(PrivateDaemon daemon, ContainerdClient client, string folder, string plugins)
    {
        _daemon = daemon;
        _client = client;
        _folder = folder;
        Ns = client.In(daemon.Namespace);
        OwnPlugins = Path.Combine(folder, "plugins");
        Directory.CreateDirectory(OwnPlugins);
        Folders = NetworkFolders.OfPrivateDaemon(client.Uuid, folder) with { Plugins = [OwnPlugins, plugins] };
        var installer = new HelperInstaller(folder, Path.Combine(folder, "bin"));
        installer.Install(HelperFolder.Built);
        Helper = installer.Path;
        Network = CniNetworkWriter.Write(
            Folders,
            new()
            {
                Name = "front",
                HostInterface = NetworkDefinition.BridgeOf("front", client.Uuid),
                Subnets = [new() { Subnet = "10.88.1.0/24" }],
                Addresses = Folders.Addresses,
            }
        );
    }

    internal NamespaceClient Ns { get; }

    internal NetworkFolders Folders { get; }

    internal CniNetwork Network { get; }

    /// <summary>The installed helper program.</summary>
    internal string Helper { get; }

    /// <summary>The folder of plugins that a test writes.</summary>
    internal string OwnPlugins { get; }

    internal PrivateDaemon Daemon => _daemon;

    internal static async Task<NetworkDaemon> StartAsync(string suite, string runtime)
    {
        var folder = Directory.CreateTempSubdirectory("containerd-life-").FullName;
        var configuration = Path.Combine(folder, "restart.toml");
        await File.WriteAllTextAsync(configuration, Configuration);
        var plugins = await Shell.RunAsync(Repository.Fixture("debian-plugins.sh"), suite == "sid" ? "sid" : "bookworm");
        var daemon = await PrivateDaemon.StartAsync(suite, runtime, options =>
        {
            options.ContainerdPath = Repository.Fixture("containerd-with-networks.sh");
            options.ConfigPath = configuration;
        });
        var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = daemon.Address });
        var own = new NetworkDaemon(daemon, client, folder, plugins.Trim());
        await own.Ns.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions());
        return own;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _daemon.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        if (Directory.Exists(Folders.State))
            Directory.Delete(Folders.State, recursive: true);
    }

    /// <summary>Creates a container whose port 80 is published; a port of 0 for one that publishes none.</summary>
    internal async Task CreateAsync(string id, string command, int port = 8080, IReadOnlyDictionary<string, string>? labels = null)
    {
        var spec = await Ns.Specs.BuildAsync(id, new SpecOptions { Command = ["sh", "-c", command] }, TestImages.Busybox, null);
        var request = Request(id, port);
        spec.Annotations = new CtrMap { [NetworkRequest.Annotation] = request.Write() };
        spec.Hooks = new CtrSpecHooks { CreateRuntime = [NetworkHooks.Create(Helper)], Poststop = [NetworkHooks.Remove(Helper)] };
        await Ns.Containers.CreateAsync(
            new ContainerCreateOptions
            {
                Id = id,
                Image = TestImages.Busybox,
                Spec = spec,
                Runtime = _daemon.Runtime,
                Labels = labels ?? new Dictionary<string, string>(),
            }
        );
    }

    internal NetworkRequest Request(string id, int port) =>
        new()
        {
            Namespace = _daemon.Namespace,
            Container = id,
            Attachment = NetworkFolders.AttachmentId(_daemon.Namespace, id, _client.Uuid),
            Networks = [new() { Name = "front", Interface = "eth0" }],
            Ports = port == 0 ? [] : [new() { HostPort = port, ContainerPort = 80 }],
            Folders = Folders,
        };

    /// <summary>Adds a plugin to the end of the network's chain: a shell script. Null removes it.</summary>
    internal void SetPlugin(string? script)
    {
        var program = Path.Combine(OwnPlugins, "own");
        if (script is null)
        {
            File.WriteAllBytes(Network.Path, Network.Content);
            return;
        }

        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var root = (JsonObject)JsonNode.Parse(Network.Content)!;
        ((JsonArray)root["plugins"]!).Add((JsonNode)new JsonObject { ["type"] = "own" });
        File.WriteAllText(Network.Path, root.ToJsonString());
    }

    /// <summary>Runs a shell script in the daemon's namespaces.</summary>
    internal Task<string> RunAsync(string script) =>
        Shell.RunAsync("nsenter", "-t", DaemonPid().ToString(CultureInfo.InvariantCulture), "-n", "-m", "sh", "-c", script);

    /// <summary>What the published port of the host answers.</summary>
    internal async Task<string> FetchAsync(int port = 8080) =>
        (
            await RunAsync(
                $"for i in $(seq 100); do busybox nc -w 5 127.0.0.1 {port} < /dev/null 2> /dev/null | grep . && exit 0; sleep 0.05; done; exit 1"
            )
        ).Trim();

    /// <summary>Removes what is left, as the client does, by the helper program.</summary>
    internal async Task<SweepReport> SweepAsync()
    {
        var input = Path.Combine(_folder, "sweep.json");
        await File.WriteAllBytesAsync(input, new SweepRequest { Folders = Folders }.Write());
        var output = await Shell.RunAsync("sh", "-c", $"{HelperFolder.Built} network-sweep {DaemonPid()} < {input}");
        return SweepReport.Read(Encoding.UTF8.GetBytes(output))!;
    }

    /// <summary>What exists of containers: rules, interfaces, addresses, pins, records, cache files. Empty if nothing does.</summary>
    internal async Task<string> RestAsync()
    {
        var rest = await RunAsync(
            "iptables -t nat -S | grep -E ' id: |CNI-DN-|^-N CNI-[0-9a-f]{24}$'; ip -br link | grep veth; grep -o '/run/containerd-powershell/networks/[^ ]*' /proc/self/mountinfo; true"
        );
        var files = new[] { Folders.Results, Folders.Pins, Folders.Records, Path.Combine(Folders.Addresses!, "front") }
            .Where(Directory.Exists)
            .SelectMany(Directory.GetFiles)
            .Where(f => Path.GetFileName(f) is not ("lock" or "last_reserved_ip.0"));
        return string.Join('\n', files.Append(rest)).Trim();
    }

    /// <summary>Nothing of any container exists, now or soon.</summary>
    internal async Task AssertNothingLeftAsync()
    {
        var rest = "";
        for (var i = 0; i < 200; i++)
        {
            rest = await RestAsync();
            if (rest.Length == 0)
                return;
            await Task.Delay(50);
        }

        Assert.Fail(rest);
    }

    /// <summary>The process of containerd, which changes when it is restarted.</summary>
    internal int DaemonPid() => LocalHost.PeerOf(_daemon.SocketPath);

    private static class LocalHost
    {
        internal static int PeerOf(string socket)
        {
            using var connection = new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.Unix,
                System.Net.Sockets.SocketType.Stream,
                System.Net.Sockets.ProtocolType.Unspecified
            );
            connection.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(socket));
            // SO_PEERCRED: pid, uid, gid.
            var credentials = new byte[12];
            connection.GetRawSocketOption(1, 17, credentials);
            return BitConverter.ToInt32(credentials);
        }
    }
}
