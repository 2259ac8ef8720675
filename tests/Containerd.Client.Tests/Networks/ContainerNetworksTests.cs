using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Checkpoints;
using Containerd.Client.Workloads.Networks;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Tests.Networks;

/// <summary>The networks of a container from what is stored with it, without its host.</summary>
public sealed class ContainerNetworksTests
{
    private static readonly NetworkRequest Request = new()
    {
        Namespace = "default",
        Container = "web",
        Attachment = "default-web",
        Networks =
        [
            new()
            {
                Name = "front",
                Interface = "eth0",
                Aliases = ["www"],
                Mac = "02:00:00:00:00:01",
            },
            new()
            {
                Name = "back",
                Interface = "eth1",
                Addresses = ["10.9.0.5"],
            },
        ],
        Ports =
        [
            new() { HostPort = 8080, ContainerPort = 80 },
            new() { HostPort = 9000, ContainerPort = 90 },
            new() { HostPort = 9001, ContainerPort = 91 },
            new()
            {
                HostAddress = "127.0.0.1",
                HostPort = 9002,
                ContainerPort = 92,
            },
        ],
        Hosts = [new() { Name = "db", Address = "10.0.0.5" }],
        Folders = NetworkFolders.OfPrivateDaemon("uuid", "/no/such/folder"),
    };

    [Fact]
    public void A_session_over_SSH_shows_requested_addresses_and_those_of_the_last_start()
    {
        var container = Container(Request, []);
        Complete(container, isLocal: false);
        Assert.Equal(["front", "back 10.9.0.5"], container.Networks.Select(n => n.ToString()));
        Assert.Equal(
            ("web", "eth0", "www"),
            (container.Networks[0].ContainerId, container.Networks[0].Interface, container.Networks[0].Aliases[0])
        );
        Assert.Equal(["8080:80/tcp", "9000-9001:90-91/tcp", "127.0.0.1:9002:92/tcp"], container.Ports.Select(p => p.ToString()));

        var text = ContainerNetworks.WriteAddresses([
            new()
            {
                Name = "front",
                Interface = "eth0",
                Addresses = ["10.8.0.2/24", "fd00::2/64"],
            },
            new()
            {
                Name = "back",
                Interface = "eth1",
                Addresses = ["10.9.0.5/24"],
            },
        ]);
        container = Container(Request, new() { [ContainerNetworks.AddressLabel] = text });
        Complete(container, isLocal: true);
        Assert.Equal(["front 10.8.0.2, fd00::2", "back 10.9.0.5"], container.Networks.Select(n => n.ToString()));
    }

    [Theory]
    [InlineData("no JSON", "nerdctl/networks", "no JSON", "")]
    [InlineData(null, "nerdctl/networks", """["bridge","none"]""", "bridge")]
    [InlineData(null, ContainerNetworks.SharedLabel, "web", "container:web")]
    [InlineData(null, "app", "web", "")]
    public void Labels_and_annotations_of_any_client_are_read_without_an_error(
        string? annotation,
        string label,
        string value,
        string expected
    )
    {
        var container = Container(null, new() { [label] = value });
        if (annotation is not null)
            container.Spec!.Annotations = new CtrMap { [NetworkRequest.Annotation] = annotation };
        Complete(container, isLocal: true);
        Assert.Equal(expected, string.Join(' ', container.Networks.Select(n => n.Network)));
    }

    [Fact]
    public void A_container_without_a_network_namespace_is_in_the_network_of_the_host()
    {
        var container = Container(null, []);
        container.Spec!.Linux!.Namespaces = [];
        Complete(container, isLocal: true);
        Assert.Equal("host", Assert.Single(container.Networks).Network);
        container.Spec = null;
        Complete(container, isLocal: true);
        Assert.Empty(container.Networks);
    }

    [Fact]
    public void A_restored_container_has_the_networks_of_the_saved_one_and_none_of_its_hooks_and_files()
    {
        var spec = Container(Request, []).Spec!;
        spec.Hooks = new CtrSpecHooks
        {
            CreateRuntime = [NetworkHooks.Create("/some/containerd-helper-1"), new CtrSpecHook { Path = "/bin/true" }],
            Poststop = [NetworkHooks.Remove("/some/containerd-helper-1")],
        };
        spec.Mounts =
        [
            new CtrSpecMount { Destination = "/etc/hosts", Source = "/var/lib/containerd-powershell/x/.network-files/default/web~1/hosts" },
            new CtrSpecMount { Destination = "/data", Source = "/srv" },
        ];
        var options = RestoredNetwork.Of(
            spec,
            new Dictionary<string, string> { [ContainerNetworks.AddressLabel] = "front/eth0=10.8.0.2;back/eth1=10.9.0.5" }
        );
        Assert.Equal(["front", "back"], options.Networks);
        Assert.Equal(("10.9.0.5", null, "02:00:00:00:00:01"), (options.IPAddress, options.IPv6Address, options.MacAddress));
        Assert.Equal(["10.8.0.2"], options.PreferredAddresses["front"]);
        Assert.Equal("db:10.0.0.5", options.HostEntries.Single().ToString());
        Assert.Equal(3, options.Ports.Count);
        // It can be created as it is.
        Assert.Equal(NetworkMode.Attached, NetworkChoice.Of(options, hostNetwork: false).Mode);

        RestoredNetwork.Remove(spec);
        Assert.Equal(["/bin/true"], spec.Hooks.CreateRuntime!.Select(h => h.Path));
        Assert.Empty(spec.Hooks.Poststop!);
        Assert.Equal(["/data"], spec.Mounts!.Select(m => m.Destination));
        Assert.False(spec.Annotations!.ContainsKey(NetworkRequest.Annotation));
    }

    private static CtrContainer Container(NetworkRequest? request, CtrMap labels) =>
        new()
        {
            ContainerId = "web",
            Labels = labels,
            Spec = new CtrSpec
            {
                Annotations = request is null ? [] : new CtrMap { [NetworkRequest.Annotation] = request.Write() },
                Linux = new CtrSpecLinux { Namespaces = [new CtrSpecNamespace { Type = "network" }] },
            },
        };

    private static void Complete(CtrContainer container, bool isLocal) =>
        ContainerNetworks.Complete(
            container,
            SpecSummary.Of(container.Spec is { } spec ? WireAny.Json(WireAny.Spec, spec.ToJson()) : null),
            isLocal
        );
}
