using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Containerd.Host.Native;
using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Which networks of a container have its default route and its published ports, also after a failure.</summary>
public sealed class NetworkRoleTests
{
    private static readonly RequestedPort[] Ports = [new() { HostPort = OutsideHost.Port, ContainerPort = 80 }];

    [Theory]
    [InlineData("bookworm", "iptables-nft", 1)]
    [InlineData("sid", "iptables-nft", 0)]
    [InlineData("sid", "nft", 2)]
    public async Task A_network_whose_plugin_fails_to_remove_it_leaves_the_route_and_the_port_to_the_next_one(
        string suite,
        string program,
        int filter
    )
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        var outside = await PrepareAsync(bed, program, filter);
        var broken = Path.Combine(bed.OwnPlugins, "broken");
        bed.AddPlugin(
            Add(bed, program, "front", "10.88.1.0/24", "fd00:88:1::/64"),
            "moody",
            $$"""[ "$CNI_COMMAND" = DEL ] && [ -e {{broken}} ] && { echo told to fail >&2; exit 1; }; echo '{"cniVersion":"1.0.0"}'"""
        );
        Add(bed, program, "back", "10.88.2.0/24", "fd00:88:2::/64");
        var both = bed.Request("web", "front", "back") with { Ports = Ports };
        var pid = Serve(bed, both);
        Assert.Equal("served", outside.Fetch());
        var back = both with { Networks = [both.Networks[1]] };
        File.WriteAllText(broken, "");
        // It may be tried again, and fails again.
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains("told to fail", bed.TryChange(back).Failure!.Message, StringComparison.Ordinal);
            Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], bed.DefaultRoutes(pid));
            Assert.True(outside.IsServed());
            Assert.Equal(["back"], Publishing(bed));
            Assert.Equal(["back"], bed.Read(both)!.Networks.Select(n => n.Name));
            Assert.Equal(["front", "back"], bed.Read(both)!.Request.Networks.Select(n => n.Name));
            // Nothing is missing: the network is being removed.
            Assert.Empty(bed.Sandbox.Run(() => new NetworkRepair(new() { Folders = bed.Folders }).Run()).Attachments);
        }

        // Meanwhile, other networks are connected and disconnected, and the first one stays as it is.
        Add(bed, program, "third", "10.88.3.0/24");
        var three = both with { Networks = [.. both.Networks, new() { Name = "third", Interface = "eth2" }] };
        Assert.Equal(["back", "third"], bed.Change(three).Networks.Select(n => n.Name));
        Assert.Contains("10.88.3.2", bed.Sandbox.Shell($"nsenter -t {pid} -n ip addr show eth2"), StringComparison.Ordinal);
        Assert.Contains(
            "told to fail",
            bed.TryChange(three with { Networks = [.. three.Networks.Skip(1)] }).Failure!.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(["back"], bed.Change(both).Networks.Select(n => n.Name));
        Assert.Equal(["front", "back"], bed.Read(both)!.Request.Networks.Select(n => n.Name));
        Assert.True(outside.IsServed());
        Assert.Equal(ErrorIds.NetworkPublishesPorts, bed.TryChange(both with { Networks = [both.Networks[0]] }).Failure!.ErrorId);
        Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], bed.DefaultRoutes(pid));

        File.Delete(broken);
        Assert.Equal(["back"], bed.Change(back).Networks.Select(n => n.Name));
        Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], bed.DefaultRoutes(pid));
        Assert.True(outside.IsServed());
        Assert.Equal(["back/10.88.2.2", "back/fd00:88:2::2"], bed.Reservations().Order());
        Assert.Empty(bed.Remove(both));
        AssertNothingLeft(bed, program);
    }

    [Theory]
    [InlineData("bookworm", "iptables-nft", 1)]
    [InlineData("sid", "iptables-nft", 2)]
    [InlineData("sid", "nft", 0)]
    public async Task If_a_change_is_undone_the_first_network_has_the_route_and_the_port_again_and_no_other(
        string suite,
        string program,
        int filter
    )
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        var outside = await PrepareAsync(bed, program, filter);
        Add(bed, program, "front", "10.88.1.0/24", "fd00:88:1::/64");
        Add(bed, program, "back", "10.88.2.0/24", "fd00:88:2::/64");
        var both = bed.Request("web", "front", "back") with { Ports = Ports };
        var pid = Serve(bed, both);
        bed.Change(both with { Networks = [both.Networks[1]] });
        Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], bed.DefaultRoutes(pid));
        // The client could not write the spec.
        bed.Change(both);
        Assert.Equal(["10.88.1.1 eth0", "fd00:88:1::1 eth0"], bed.DefaultRoutes(pid));
        Assert.Equal(["front"], Publishing(bed));
        Assert.Equal("10.88.1", Destinations(bed, program));
        Assert.True(outside.IsServed());
        Assert.Empty(bed.Remove(both));
        AssertNothingLeft(bed, program);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Ports_that_cannot_be_withdrawn_stay_where_they_are(string suite)
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        bed.AddNetwork("front", "10.88.1.0/24");
        bed.AddNetwork("back", "10.88.2.0/24");
        var both = bed.Request("web", "front", "back") with { Ports = Ports };
        var pid = Serve(bed, both);
        var outside = new OutsideHost(bed);
        Assert.Equal("served", outside.Fetch());
        var before = bed.StateOf(pid);
        // It removes the rules, and then fails.
        bed.WritePlugin(
            "portmap",
            $$"""
            input=$(cat)
            printf %s "$input" | {{bed.Folders.Plugins[1]}}/portmap "$@" || exit
            [ "$CNI_COMMAND" = ADD ] || ! printf %s "$input" | grep -q 10.88.1.2 || { echo told to fail >&2; exit 1; }
            """
        );
        Assert.Contains(
            "told to fail",
            bed.TryChange(both with { Networks = [both.Networks[1]] }).Failure!.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(before, bed.StateOf(pid));
        Assert.Equal(["front"], Publishing(bed));
        Assert.True(outside.IsServed());
        File.Delete(Path.Combine(bed.OwnPlugins, "portmap"));
        bed.Remove(both);
        bed.AssertNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_network_with_addresses_from_a_server_has_the_default_route_if_the_server_names_a_router(bool hasRouter)
    {
        using var bed = await NetworkBed.CreateAsync();
        var router = hasRouter ? """, "gateway": "10.88.9.1" """ : "";
        var routes = hasRouter ? """{ "dst": "0.0.0.0/0", "gw": "10.88.9.1" }""" : "";
        bed.WritePlugin(
            "dhcp",
            $$"""
            [ "$CNI_COMMAND" = ADD ] || exit 0
            echo '{ "cniVersion": "1.0.0", "ips": [ { "address": "10.88.9.7/24" {{router}} } ], "routes": [ {{routes}} ] }'
            """
        );
        Directory.CreateDirectory(bed.Folders.Configuration[0]);
        await File.WriteAllTextAsync(
            Path.Combine(bed.Folders.Configuration[0], "lan.conflist"),
            """{ "cniVersion": "1.0.0", "name": "lan", "plugins": [ { "type": "bridge", "bridge": "lan0", "ipam": { "type": "dhcp" } } ] }"""
        );
        bed.AddNetwork("front", "10.88.1.0/24");
        string[] lan = hasRouter ? ["10.88.9.1 eth0"] : ["10.88.1.1 eth1"];
        // First.
        var request = bed.Request("web", "lan", "front");
        var pid = bed.Sandbox.StartContainer();
        bed.Attach(request, pid);
        Assert.Equal(lan, bed.DefaultRoutes(pid));
        bed.Change(request with { Networks = [request.Networks[1]] });
        Assert.Equal(["10.88.1.1 eth1"], bed.DefaultRoutes(pid));
        bed.Remove(request);

        // Second, and then first because the other one is disconnected.
        request = bed.Request("web", "front", "lan");
        pid = bed.Sandbox.StartContainer();
        bed.Attach(request, pid);
        Assert.Equal(["10.88.1.1 eth0"], bed.DefaultRoutes(pid));
        bed.Change(request with { Networks = [request.Networks[1]] });
        Assert.Equal(hasRouter ? ["10.88.9.1 eth1"] : [], bed.DefaultRoutes(pid));
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_plugin_that_adds_its_own_default_route_does_not_take_it_from_the_first_network()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        bed.AddPlugin(
            bed.AddNetwork("back", true, "10.88.2.0/24"),
            "router",
            """
            [ "$CNI_COMMAND" = ADD ] || exit 0
            nsenter --net="$CNI_NETNS" ip route add default via 10.88.2.1 dev "$CNI_IFNAME" onlink metric 5 >&2 || exit 1
            echo '{"cniVersion":"1.0.0","ips":[{"address":"10.88.2.2/24","gateway":"10.88.2.1"}],"routes":[{"dst":"0.0.0.0/0","gw":"10.88.2.1"}]}'
            """
        );
        var pid = bed.Sandbox.StartContainer();
        // Also if both networks are given at the start.
        var request = bed.Request("web", "front", "back");
        bed.Attach(request, pid);
        Assert.Equal(["10.88.1.1 eth0"], bed.DefaultRoutes(pid));
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Theory]
    [InlineData("bookworm", "iptables-nft")]
    [InlineData("sid", "nft")]
    public async Task Datagrams_of_a_program_that_keeps_sending_follow_the_ports(string suite, string program)
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        var outside = await PrepareAsync(bed, program, filter: 2);
        Add(bed, program, "front", "10.88.1.0/24");
        Add(bed, program, "back", "10.88.2.0/24");
        RequestedPort[] ports =
        [
            new()
            {
                HostPort = 5353,
                ContainerPort = 53,
                Protocol = "udp",
            },
        ];
        var blue = bed.Request("blue", "front", "back") with { Ports = ports };
        var green = bed.Request("green", "front");
        foreach (var request in new[] { blue, green })
        {
            var pid = bed.Sandbox.StartContainer();
            bed.Attach(request, pid);
            bed.Sandbox.Run(() => Answer(pid, request.Container));
        }

        var answers = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var sending = Task.Run(() => LibcRoutes.InNamespace($"/proc/{outside.Pid}/ns/net", () => Send(answers, stop.Token)));
        try
        {
            await AnswersAsync("blue 10.88.1.2");
            // To another network of the container, and then to another container.
            bed.Change(blue with { Networks = [blue.Networks[1]] });
            await AnswersAsync("blue 10.88.2.2");
            Assert.Null(bed.TryChange(green with { Ports = ports }, blue.Attachment).Failure);
            bed.Change(blue with { Networks = [blue.Networks[1]], Ports = [] });
            await AnswersAsync("green 10.88.1.3");
        }
        finally
        {
            await stop.CancelAsync();
            await sending;
        }

        Assert.Empty(bed.Remove(blue));
        Assert.Empty(bed.Remove(green));
        AssertNothingLeft(bed, program);

        Task AnswersAsync(string text) => Eventually.TrueAsync(() => answers.LastOrDefault() == text, TimeSpan.FromSeconds(20));
    }

    /// <summary>Sends datagrams from one port, as a program that keeps its socket.</summary>
    private static int Send(ConcurrentQueue<string> answers, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 100 };
        socket.Bind(new IPEndPoint(IPAddress.Any, 40000));
        var buffer = new byte[64];
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                socket.SendTo("?"u8, new IPEndPoint(IPAddress.Parse(OutsideHost.Address), 5353));
                answers.Enqueue(Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)));
                cancellationToken.WaitHandle.WaitOne(5);
            }
            catch (SocketException)
            {
                // Lost, as a datagram can be.
            }
        }

        return 0;
    }

    /// <summary>
    /// Answers datagrams with the name of the container and the address that they were sent to, until the container ends.
    /// </summary>
    private static void Answer(int pid, string name)
    {
        var ready = new ManualResetEventSlim();
        new Thread(() => LibcRoutes.InNamespace($"/proc/{pid}/ns/net", () =>
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 500 };
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
                socket.Bind(new IPEndPoint(IPAddress.Any, 53));
                ready.Set();
                var buffer = new byte[64];
                while (LibcNetworks.NamespaceOf($"{pid}") is not null)
                {
                    try
                    {
                        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                        var flags = SocketFlags.None;
                        socket.ReceiveMessageFrom(buffer, 0, buffer.Length, ref flags, ref from, out var information);
                        socket.SendTo(Encoding.ASCII.GetBytes($"{name} {information.Address}"), from);
                    }
                    catch (SocketException)
                    {
                        // Nothing arrived.
                    }
                }

                return 0;
            })) { IsBackground = true }.Start();
        Assert.True(ready.Wait(TimeSpan.FromSeconds(20)));
    }

    private static async Task<OutsideHost> PrepareAsync(NetworkBed bed, string program, int filter)
    {
        await FirewallPrograms.UseAsync(bed, program);
        bed.Sandbox.Shell($"for f in all default; do echo {filter} > /proc/sys/net/ipv4/conf/$f/rp_filter; done");
        return new OutsideHost(bed);
    }

    private static Host.Networks.Configuration.CniNetwork Add(NetworkBed bed, string program, string name, params string[] subnets) =>
        program == "nft" ? bed.AddNetworkWithoutFirewall(name, subnets) : bed.AddNetwork(name, subnets);

    /// <summary>Attaches a container that answers at its port.</summary>
    private static int Serve(NetworkBed bed, NetworkRequest request)
    {
        var pid = bed.Sandbox.StartContainer();
        bed.Attach(request, pid);
        bed.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo served");
        return pid;
    }

    /// <summary>The networks that publish ports by their cache files.</summary>
    private static string[] Publishing(NetworkBed bed) =>
        bed.Sandbox.Run(() => CniCacheEntry.ReadAll(bed.Folders.Results).Where(PublishedPorts.Has).Select(e => e.Network).ToArray());

    private static void AssertNothingLeft(NetworkBed bed, string program)
    {
        Assert.Equal("", Destinations(bed, program));
        if (program == "nft")
            Assert.Empty(bed.Reservations());
        else
            bed.AssertNothingLeft();
    }

    /// <summary>The subnets that packets for published ports are sent to.</summary>
    private static string Destinations(NetworkBed bed, string program) =>
        bed
            .Sandbox.Shell(
                (program == "nft" ? "nft list ruleset" : "iptables -t nat -S")
                    + " | sed -nE 's/.*(to-destination|dnat to) ([0-9]+[.][0-9]+[.][0-9]+)[.].*/\\2/p' | sort -u"
            )
            .Trim();
}
