using System.Text;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>A daemon's networks in a sandbox, with the plugins of a Debian suite, and the hooks as the runtime calls them.</summary>
internal sealed class NetworkBed : IDisposable
{
    internal const string Namespace = "test";

    private readonly string[] _plugins;
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly bool _ownsSandbox;

    private NetworkBed(string[] plugins, NetworkSandbox? sandbox, string uuid, string? folder)
    {
        _plugins = plugins;
        _ownsFolder = folder is null;
        _folder = folder ?? Directory.CreateTempSubdirectory("containerd-networks-").FullName;
        _ownsSandbox = sandbox is null;
        Sandbox = sandbox ?? new NetworkSandbox();
        Uuid = uuid;
        OwnPlugins = Path.Combine(_folder, "plugins");
        Directory.CreateDirectory(OwnPlugins);
        Folders = NetworkFolders.OfPrivateDaemon(uuid, _folder) with { Plugins = [OwnPlugins, .. plugins] };
    }

    internal NetworkSandbox Sandbox { get; }

    internal NetworkFolders Folders { get; }

    internal string Uuid { get; }

    /// <summary>The folder of plugins that a test writes.</summary>
    internal string OwnPlugins { get; }

    /// <param name="suite">The suite of the plugins.</param>
    /// <param name="sandbox">The sandbox; null for one of its own.</param>
    /// <param name="uuid">The uuid of the daemon.</param>
    /// <param name="names">The suite of the name server; null if none is installed.</param>
    internal static async Task<NetworkBed> CreateAsync(
        string suite = "bookworm",
        NetworkSandbox? sandbox = null,
        string uuid = "daemon-1",
        string? names = null
    )
    {
        var plugins = new List<string> { await FolderAsync("debian-plugins.sh", suite) };
        if (names is not null)
            plugins.Add(await FolderAsync("debian-aardvark.sh", names));
        return new([.. plugins], sandbox, uuid, null);

        static async Task<string> FolderAsync(string script, string suite) =>
            (await Testing.Shell.RunAsync(Repository.Fixture(script), suite)).Trim();
    }

    /// <summary>The machine after a reboot: files remain, /run, rules, interfaces and processes do not.</summary>
    internal NetworkBed Reboot() => new(_plugins, null, Uuid, _folder);

    public void Dispose()
    {
        if (_ownsSandbox)
            Sandbox.Dispose();
        if (_ownsFolder)
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Creates a network as the module does.</summary>
    internal CniNetwork AddNetwork(string name, params string[] subnets) => AddNetwork(name, false, subnets);

    /// <summary>Creates a network without the plugin firewall, as on a host without iptables.</summary>
    internal CniNetwork AddNetworkWithoutFirewall(string name, params string[] subnets) =>
        AddNetwork(name, false, subnets, firewall: false);

    internal CniNetwork AddNetwork(string name, bool isInternal, params string[] subnets) =>
        AddNetwork(name, isInternal, subnets, firewall: true);

    /// <summary>Creates a network whose names are resolved by a name server.</summary>
    internal CniNetwork AddNetworkWithDns(string name, bool isInternal, params string[] subnets) =>
        AddNetwork(name, isInternal, subnets, firewall: true, dns: true);

    private CniNetwork AddNetwork(string name, bool isInternal, string[] subnets, bool firewall, bool dns = false) =>
        CniNetworkWriter.Write(
            Folders,
            new()
            {
                Dns = dns,
                Name = name,
                HostInterface = NetworkDefinition.BridgeOf(name, Uuid),
                Subnets = [.. subnets.Select(s => new CniSubnet { Subnet = s })],
                Internal = isInternal,
                Firewall = firewall,
                Addresses = Folders.Addresses,
            }
        );

    /// <summary>Adds a plugin to the end of a network's chain: a shell script.</summary>
    internal void AddPlugin(CniNetwork network, string type, string script)
    {
        WritePlugin(type, script);
        var root = (JsonObject)JsonNode.Parse(network.Content)!;
        ((JsonArray)root["plugins"]!).Add((JsonNode)new JsonObject { ["type"] = type });
        File.WriteAllText(network.Path, root.ToJsonString());
    }

    /// <summary>Writes a plugin, which is found before that of Debian: a shell script.</summary>
    internal void WritePlugin(string type, string script)
    {
        var program = Path.Combine(OwnPlugins, type);
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>The request for a container.</summary>
    internal NetworkRequest Request(string container, params string[] networks) =>
        new()
        {
            Namespace = Namespace,
            Container = container,
            Attachment = NetworkFolders.AttachmentId(Namespace, container, Uuid),
            Networks = [.. networks.Select((n, i) => new RequestedNetwork { Name = n, Interface = $"eth{i}" })],
            Folders = Folders,
        };

    /// <summary>The hook createRuntime.</summary>
    internal NetworkFailure? Create(NetworkRequest request, int pid) =>
        Sandbox.Run(() => NetworkHookProgram.Create(State(request, request.Container, pid)));

    /// <summary>The hook createRuntime, which must succeed.</summary>
    /// <returns>The record.</returns>
    internal AttachmentRecord Attach(NetworkRequest request, int pid)
    {
        var failure = Create(request, pid);
        Assert.True(failure is null, failure?.Message);
        return Read(request)!;
    }

    /// <summary>The hook poststop.</summary>
    internal IReadOnlyList<NetworkFailure> Remove(NetworkRequest request) =>
        Sandbox.Run(() => NetworkHookProgram.Remove(State(request, request.Container, 0)));

    /// <summary>The verb network-change.</summary>
    internal ChangeReport TryChange(NetworkRequest target, string? portsFrom = null) =>
        Sandbox.Run(() => NetworkPrograms.Change(new ChangeRequest { Request = target, PortsFrom = portsFrom }.Write(), 0));

    /// <summary>The verb network-change, which must succeed.</summary>
    /// <returns>The record.</returns>
    internal AttachmentRecord Change(NetworkRequest target)
    {
        var report = TryChange(target);
        Assert.True(report.IsAttached, report.Failure?.Message);
        return Read(target)!;
    }

    internal AttachmentRecord? Read(NetworkRequest request) =>
        Sandbox.Run(() => AttachmentRecord.Read(Folders.RecordOf(request.Attachment)));

    /// <summary>The default routes of a container: gateway and interface, IPv4 first.</summary>
    internal string[] DefaultRoutes(int pid) =>
        [
            .. Sandbox
                .Shell($"nsenter -t {pid} -n sh -c 'ip route; ip -6 route'")
                .Split('\n')
                .Where(r => r.StartsWith("default", StringComparison.Ordinal))
                .Select(r => r.Split(' '))
                .Select(r => $"{r[2]} {r[4]}"),
        ];

    /// <summary>Everything that belongs to a container, besides counters.</summary>
    internal string StateOf(int pid) =>
        string.Join(
            '\n',
            [
                .. Reservations(),
                .. DefaultRoutes(pid),
                .. Sandbox.Rules(),
                Sandbox.Shell($"nsenter -t {pid} -n ip -br addr | cut -d@ -f1; ip -br link | grep -c veth"),
                .. Sandbox.Run(() => CniCacheEntry.ReadAll(Folders.Results).Select(e => e.Network).ToList()),
            ]
        );

    /// <summary>What a runtime passes to a hook.</summary>
    internal static byte[] State(NetworkRequest request, string id, int pid) =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["ociVersion"] = "1.0.2",
                ["id"] = id,
                ["status"] = pid > 0 ? "creating" : "stopped",
                ["pid"] = pid,
                ["bundle"] = "/run/bundles/" + id,
                ["annotations"] = new JsonObject { [NetworkRequest.Annotation] = request.Write() },
            }.ToJsonString()
        );

    /// <summary>Nothing of any container exists: rules, addresses, interfaces, pins, records, cache files.</summary>
    internal void AssertNothingLeft()
    {
        Assert.Empty(Sandbox.Rules());
        Assert.Empty(Reservations());
        Sandbox.Run(() =>
        {
            Assert.Empty(Files(Folders.Results));
            Assert.Empty(Files(Folders.Pins));
            Assert.Empty(Files(Folders.Records));
            Assert.DoesNotContain("/netns/", File.ReadAllText("/proc/thread-self/mountinfo"), StringComparison.Ordinal);
        });
        Assert.DoesNotContain("veth", Sandbox.Shell("ip -br link"), StringComparison.Ordinal);
    }

    /// <summary>The addresses that host-local has reserved, as NETWORK/ADDRESS.</summary>
    internal string[] Reservations() =>
        [
            .. Files(Folders.Addresses!)
                .Where(f => System.Net.IPAddress.TryParse(Path.GetFileName(f), out _))
                .Select(f => Path.GetRelativePath(Folders.Addresses!, f)),
        ];

    private static string[] Files(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
}
