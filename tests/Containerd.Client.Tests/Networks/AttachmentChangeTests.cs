using System.Net;
using System.Net.Sockets;
using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Containers that run are connected to networks and disconnected, with Debian's plugins.</summary>
public sealed class AttachmentChangeTests
{
    private const int Port = 8080;

    [Theory]
    [InlineData("bookworm", 0)]
    [InlineData("bookworm", 1)]
    [InlineData("sid", 2)]
    public async Task The_first_network_keeps_the_port_and_the_next_one_gets_it_when_the_first_is_disconnected(string suite, int filter)
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        bed.AddNetwork("front", "10.88.1.0/24", "fd00:88:1::/64");
        bed.AddNetwork("back", "10.88.2.0/24", "fd00:88:2::/64");
        bed.Sandbox.Shell($"for f in all default; do echo {filter} > /proc/sys/net/ipv4/conf/$f/rp_filter; done");
        var outside = Outside(bed);
        var pid = bed.Sandbox.StartContainer();
        var front = bed.Request("web", "front") with { Ports = [new() { HostPort = Port, ContainerPort = 80 }] };
        bed.Attach(front, pid);
        bed.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo served");
        Assert.Equal("served", Fetch(bed, outside));

        var both = front with { Networks = [front.Networks[0], new() { Name = "back", Interface = "eth1" }] };
        var counter = await CountAsync(bed, outside);
        var record = Change(bed, both);
        Assert.Equal(["10.88.1.2/24", "10.88.2.2/24"], record.Networks.Select(n => n.Addresses[0]));
        Assert.Equal(["10.88.1.1 eth0", "fd00:88:1::1 eth0"], Routes(bed, pid));
        Assert.Equal(0, await counter.FailuresAsync());
        Assert.Equal("served", Fetch(bed, outside));
        Assert.Equal("served", bed.Sandbox.Shell("busybox nc -w 5 10.88.2.2 80 < /dev/null").Trim());

        // The other way round: the second one is the first, and gets everything.
        var back = both with { Networks = [both.Networks[1]] };
        record = Change(bed, back);
        Assert.Equal(["10.88.2.2/24"], record.Networks.Select(n => n.Addresses[0]));
        Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], Routes(bed, pid));
        Assert.Equal("served", Fetch(bed, outside));
        Assert.DoesNotContain("10.88.1.", bed.Sandbox.Shell("iptables -t nat -S; iptables -S"), StringComparison.Ordinal);
        Assert.Equal(["back/10.88.2.2", "back/fd00:88:2::2"], bed.Reservations().Order());

        // And back, with a network that is connected again: the ports and the route stay where they are.
        record = Change(bed, back with { Networks = [back.Networks[0], front.Networks[0]] });
        Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], Routes(bed, pid));
        Assert.Equal("served", Fetch(bed, outside));
        Assert.Equal(["back", "front"], record.Networks.Select(n => n.Name));
        // The hook gets the request that the container was started with.
        Assert.Empty(bed.Remove(front));
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_container_can_be_disconnected_from_all_networks_and_connected_again()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var pid = bed.Sandbox.StartContainer();
        var request = bed.Request("web", "front");
        bed.Attach(request, pid);
        Assert.Empty(Change(bed, request with { Networks = [] }).Networks);
        Assert.Empty(Routes(bed, pid));
        Assert.Empty(bed.Reservations());
        Assert.Equal("front", Change(bed, request).Networks.Single().Name);
        Assert.Equal(["10.88.1.1 eth0"], Routes(bed, pid));
        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
        // A start without networks.
        bed.Attach(request with { Networks = [] }, bed.Sandbox.StartContainer());
        Assert.Equal("front", Change(bed, request).Networks.Single().Name);
        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_failure_changes_nothing()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        bed.AddPlugin(
            bed.AddNetwork("back", "10.88.2.0/24"),
            "broken",
            """[ "$CNI_COMMAND" = DEL ] || { echo '{"code":100,"msg":"told to fail"}'; exit 1; }"""
        );
        var pid = bed.Sandbox.StartContainer();
        var request = bed.Request("web", "front") with { Ports = [new() { HostPort = Port, ContainerPort = 80 }] };
        bed.Attach(request, pid);
        var before = State(bed, pid);
        var target = bed.Request("web", "front", "back") with { Ports = request.Ports };
        var failure = Run(bed, target).Failure!;
        Assert.Equal(ErrorIds.NetworkPluginFailed, failure.ErrorId);
        Assert.Contains("told to fail", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, State(bed, pid));
        // An address that is reserved, one outside of the network, and a network that does not exist.
        bed.AddNetwork("third", "10.88.3.0/24");
        var at = target.Networks[1] with { Name = "third", Addresses = ["10.99.0.5"] };
        Assert.Equal(ErrorIds.NetworkAddressOutside, Run(bed, target with { Networks = [target.Networks[0], at] }).Failure!.ErrorId);
        Assert.Equal(
            ErrorIds.NetworkNotFound,
            Run(bed, target with { Networks = [target.Networks[0], at with { Name = "none" }] }).Failure!.ErrorId
        );
        Assert.Equal(before, State(bed, pid));
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_network_that_cannot_be_disconnected_stays_and_can_be_disconnected_later()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var on = Path.Combine(bed.OwnPlugins, "on");
        bed.AddPlugin(
            bed.AddNetwork("back", "10.88.2.0/24"),
            "moody",
            $$"""[ "$CNI_COMMAND" = DEL ] && [ -e {{on}} ] && { echo broken >&2; exit 1; }; echo '{"cniVersion":"1.0.0"}'"""
        );
        var pid = bed.Sandbox.StartContainer();
        var both = bed.Request("web", "back", "front") with { Ports = [new() { HostPort = Port, ContainerPort = 80 }] };
        bed.Attach(both, pid);
        File.WriteAllText(on, "");
        var target = both with { Networks = [both.Networks[1]] };
        Assert.Contains("broken", Run(bed, target).Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(["back", "front"], Read(bed, both)!.Networks.Select(n => n.Name));
        File.Delete(on);
        Assert.Equal(["front"], Change(bed, target).Networks.Select(n => n.Name));
        Assert.Equal(["10.88.1.1 eth1"], Routes(bed, pid));
        Assert.Contains("10.88.1.2:80", bed.Sandbox.Shell("iptables -t nat -S"), StringComparison.Ordinal);
        bed.Remove(both);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_container_that_ends_during_the_change_leaves_nothing()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var pid = bed.Sandbox.StartContainer();
        bed.AddPlugin(
            bed.AddNetwork("back", "10.88.2.0/24"),
            "killer",
            $$"""[ "$CNI_COMMAND" = DEL ] || { kill -9 {{pid}}; while readlink /proc/{{pid}}/ns/net; do sleep 0.01; done >&2; echo '{"cniVersion":"1.0.0"}'; }"""
        );
        var request = bed.Request("web", "front");
        bed.Attach(request, pid);
        var report = Run(bed, bed.Request("web", "front", "back"));
        Assert.Equal((false, null), (report.IsAttached, report.Failure));
        Assert.Equal(["front/10.88.1.2"], bed.Reservations());
        // poststop.
        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
        // A container that does not run is not changed.
        Assert.Equal(new ChangeReport().Write(), Run(bed, request).Write());
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task What_an_interrupted_change_left_is_removed_by_the_next_one()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        bed.AddNetwork("back", "10.88.2.0/24");
        var request = bed.Request("web", "front");
        var record = bed.Attach(request, bed.Sandbox.StartContainer());
        var both = bed.Request("web", "front", "back");
        Change(bed, both);
        // The program was killed before it had written the record.
        bed.Sandbox.Run(record.Write);
        Assert.Equal(["front", "back"], Change(bed, both).Networks.Select(n => n.Name));
        Assert.Equal(2, bed.Reservations().Length);
        bed.Sandbox.Run(record.Write);
        Assert.Equal(["front"], Change(bed, request).Networks.Select(n => n.Name));
        Assert.Single(bed.Reservations());
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
        Assert.Equal(["10.88.1.1 eth0"], Routes(bed, pid));
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Ports_move_to_another_container_and_none_of_1000_requests_fails(string suite)
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        bed.AddNetwork("front", "10.88.1.0/24");
        var outside = Outside(bed);
        var blue = bed.Request("blue", "front") with { Ports = [new() { HostPort = Port, ContainerPort = 80 }] };
        var green = bed.Request("green", "front");
        foreach (var request in new[] { blue, green })
        {
            var pid = bed.Sandbox.StartContainer();
            bed.Attach(request, pid);
            bed.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo {request.Container}");
            await Eventually.TrueAsync(() =>
                bed.Sandbox.Shell($"nsenter -t {pid} -n cat /proc/net/tcp /proc/net/tcp6").Contains(":0050 ", StringComparison.Ordinal)
            );
        }

        var clients = new Clients(outside);
        var requests = clients.RunAsync(1000);
        await Eventually.TrueAsync(() => clients.Answers("blue") > 100, TimeSpan.FromSeconds(60));
        // The other container gets the port although the first one has it, and then the first one loses it.
        var with = green with { Ports = blue.Ports };
        Assert.Equal(ErrorIds.PortInUse, Run(bed, with).Failure?.ErrorId);
        Assert.Null(
            bed.Sandbox.Run(() =>
                NetworkChangeProgram.Run(new ChangeRequest { Request = with, PortsFrom = blue.Attachment }.Write(), 0)
            ).Failure
        );
        Change(bed, blue with { Ports = [] });
        await Eventually.TrueAsync(() => clients.Answers("green") > 100, TimeSpan.FromSeconds(60));
        await requests;
        Assert.Empty(clients.Failures);
        Assert.True(clients.Answers("blue") + clients.Answers("green") >= 1000);
        Assert.Equal("green", Fetch(bed, outside));
        bed.Remove(blue);
        bed.Remove(green);
        bed.AssertNothingLeft();
    }

    private static ChangeReport Run(NetworkBed bed, NetworkRequest target) =>
        bed.Sandbox.Run(() => NetworkChangeProgram.Run(new ChangeRequest { Request = target }.Write(), 0));

    private static AttachmentRecord Change(NetworkBed bed, NetworkRequest target)
    {
        var report = Run(bed, target);
        Assert.True(report.IsAttached, report.Failure?.Message);
        return Read(bed, target)!;
    }

    private static AttachmentRecord? Read(NetworkBed bed, NetworkRequest request) =>
        bed.Sandbox.Run(() => AttachmentRecord.Read(bed.Folders.RecordOf(request.Attachment)));

    /// <summary>The default routes of a container: gateway and interface, IPv4 first.</summary>
    private static string[] Routes(NetworkBed bed, int pid) =>
        [
            .. bed
                .Sandbox.Shell($"nsenter -t {pid} -n sh -c 'ip route; ip -6 route'")
                .Split('\n')
                .Where(r => r.StartsWith("default", StringComparison.Ordinal))
                .Select(r => r.Split(' '))
                .Select(r => $"{r[2]} {r[4]}"),
        ];

    /// <summary>Everything that belongs to a container, besides counters.</summary>
    private static string State(NetworkBed bed, int pid) =>
        string.Join(
            '\n',
            [
                .. bed.Reservations(),
                .. Routes(bed, pid),
                .. bed.Sandbox.Rules(),
                bed.Sandbox.Shell($"nsenter -t {pid} -n ip -br addr | cut -d@ -f1; ip -br link | grep -c veth"),
                .. bed.Sandbox.Run(() => CniCacheEntry.ReadAll(bed.Folders.Results).Select(e => e.Network).ToList()),
            ]
        );

    /// <summary>Another host, which reaches this one by an interface of its own.</summary>
    private static int Outside(NetworkBed bed)
    {
        var pid = bed.Sandbox.StartContainer();
        bed.Sandbox.Shell(
            $"""
            ip link add out0 type veth peer name out1
            ip link set out1 netns {pid}
            ip addr add 192.0.2.1/24 dev out0
            ip link set out0 up
            nsenter -t {pid} -n sh -c 'ip addr add 192.0.2.2/24 dev out1; ip link set out1 up; ip route add default via 192.0.2.1'
            """
        );
        return pid;
    }

    private static string Fetch(NetworkBed bed, int outside) =>
        bed
            .Sandbox.Shell(
                $"for i in $(seq 100); do nsenter -t {outside} -n busybox nc -w 10 192.0.2.1 {Port} < /dev/null 2> /dev/null | grep . && exit 0; sleep 0.05; done; exit 1"
            )
            .Trim();

    /// <summary>Connects to the published port again and again, until the failures are counted.</summary>
    private static async Task<Counter> CountAsync(NetworkBed bed, int outside)
    {
        var folder = Directory.CreateTempSubdirectory("containerd-count-").FullName;
        bed.Sandbox.StartScript(
            $$"""
            cd {{folder}}
            while [ ! -e stop ]; do
                nsenter -t {{outside}} -n busybox nc -w 10 192.0.2.1 {{Port}} < /dev/null 2> /dev/null | grep -q served && echo >> good || echo >> bad
            done
            : > done
            """
        );
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(folder, "good")));
        return new Counter(folder);
    }

    /// <summary>Clients on another host that connect to the published port, one after another, and read the answer.</summary>
    private sealed class Clients(int outside)
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _answers = [];

        internal System.Collections.Concurrent.ConcurrentQueue<string> Failures { get; } = [];

        internal int Answers(string text) => _answers.Count(a => a == text);

        internal Task<int> RunAsync(int count) => Task.Run(() => Host.Native.LibcRoutes.InNamespace($"/proc/{outside}/ns/net", () =>
                {
                    while (Failures.Count < 100 && (_answers.Count < count || (Failures.IsEmpty && Answers("green") <= 100)))
                        Request();
                    return 0;
                }));

        private void Request()
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
                socket.Connect(IPAddress.Parse("192.0.2.1"), Port);
                var buffer = new byte[64];
                var length = 0;
                while (socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None) is var read and > 0)
                    length += read;
                var text = System.Text.Encoding.ASCII.GetString(buffer, 0, length).Trim();
                if (text is "blue" or "green")
                    _answers.Enqueue(text);
                else
                    Failures.Enqueue($"'{text}'");
            }
            catch (SocketException e)
            {
                Failures.Enqueue(e.Message);
            }
        }
    }

    private sealed record Counter(string Folder)
    {
        internal async Task<int> FailuresAsync()
        {
            var good = Lines("good");
            // Some more, after the change.
            await Eventually.TrueAsync(() => Lines("good") >= good + 3, TimeSpan.FromSeconds(60));
            File.WriteAllText(Path.Combine(Folder, "stop"), "");
            await Eventually.TrueAsync(() => File.Exists(Path.Combine(Folder, "done")), TimeSpan.FromSeconds(60));
            var bad = Lines("bad");
            Directory.Delete(Folder, recursive: true);
            return bad;
        }

        private int Lines(string name) =>
            File.Exists(Path.Combine(Folder, name)) ? File.ReadAllText(Path.Combine(Folder, name)).Count(c => c == '\n') : 0;
    }
}
