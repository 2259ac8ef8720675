using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Containers that run are connected to networks and disconnected, with Debian's plugins.</summary>
public sealed class AttachmentChangeTests
{
    private const int Port = OutsideHost.Port;

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
        var outside = new OutsideHost(bed);
        var pid = bed.Sandbox.StartContainer();
        var front = bed.Request("web", "front") with { Ports = [new() { HostPort = Port, ContainerPort = 80 }] };
        bed.Attach(front, pid);
        bed.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo served");
        Assert.Equal("served", outside.Fetch());

        var both = front with { Networks = [front.Networks[0], new() { Name = "back", Interface = "eth1" }] };
        var counter = await outside.CountAsync();
        var record = bed.Change(both);
        Assert.Equal(["10.88.1.2/24", "10.88.2.2/24"], record.Networks.Select(n => n.Addresses[0]));
        Assert.Equal(["10.88.1.1 eth0", "fd00:88:1::1 eth0"], bed.DefaultRoutes(pid));
        Assert.Equal(0, await counter.FailuresAsync());
        Assert.Equal("served", outside.Fetch());
        Assert.Equal("served", bed.Sandbox.Shell("busybox nc -w 5 10.88.2.2 80 < /dev/null").Trim());

        // The other way round: the second one is the first, and gets everything.
        var back = both with { Networks = [both.Networks[1]] };
        record = bed.Change(back);
        Assert.Equal(["10.88.2.2/24"], record.Networks.Select(n => n.Addresses[0]));
        Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], bed.DefaultRoutes(pid));
        Assert.Equal("served", outside.Fetch());
        Assert.DoesNotContain("10.88.1.", bed.Sandbox.Shell("iptables -t nat -S; iptables -S"), StringComparison.Ordinal);
        Assert.Equal(["back/10.88.2.2", "back/fd00:88:2::2"], bed.Reservations().Order());

        // And back, with a network that is connected again: the ports and the route stay where they are.
        record = bed.Change(back with { Networks = [back.Networks[0], front.Networks[0]] });
        Assert.Equal(["10.88.2.1 eth1", "fd00:88:2::1 eth1"], bed.DefaultRoutes(pid));
        Assert.Equal("served", outside.Fetch());
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
        Assert.Empty(bed.Change(request with { Networks = [] }).Networks);
        Assert.Empty(bed.DefaultRoutes(pid));
        Assert.Empty(bed.Reservations());
        Assert.Equal("front", bed.Change(request).Networks.Single().Name);
        Assert.Equal(["10.88.1.1 eth0"], bed.DefaultRoutes(pid));
        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
        // A start without networks.
        bed.Attach(request with { Networks = [] }, bed.Sandbox.StartContainer());
        Assert.Equal("front", bed.Change(request).Networks.Single().Name);
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
        var before = bed.StateOf(pid);
        var target = bed.Request("web", "front", "back") with { Ports = request.Ports };
        var failure = bed.TryChange(target).Failure!;
        Assert.Equal(ErrorIds.NetworkPluginFailed, failure.ErrorId);
        Assert.Contains("told to fail", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, bed.StateOf(pid));
        // An address that is reserved, one outside of the network, and a network that does not exist.
        bed.AddNetwork("third", "10.88.3.0/24");
        var at = target.Networks[1] with { Name = "third", Addresses = ["10.99.0.5"] };
        Assert.Equal(ErrorIds.NetworkAddressOutside, bed.TryChange(target with { Networks = [target.Networks[0], at] }).Failure!.ErrorId);
        Assert.Equal(
            ErrorIds.NetworkNotFound,
            bed.TryChange(target with { Networks = [target.Networks[0], at with { Name = "none" }] }).Failure!.ErrorId
        );
        Assert.Equal(before, bed.StateOf(pid));
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task After_a_disconnection_that_failed_a_network_that_was_added_with_it_can_be_disconnected()
    {
        using var bed = await NetworkBed.CreateAsync();
        var broken = Path.Combine(bed.OwnPlugins, "is-broken");
        bed.AddPlugin(
            bed.AddNetwork("front", "10.88.1.0/24"),
            "broken",
            $$"""
            [ "$CNI_COMMAND" = DEL ] && [ -e {{broken}} ] && { echo '{"code":100,"msg":"told to fail"}'; exit 1; }
            [ "$CNI_COMMAND" = DEL ] || sed -E 's/.*"prevResult": *//; s/.$//'
            """
        );
        bed.AddNetwork("back", "10.88.2.0/24");
        bed.AddNetwork("closed", true, "10.88.3.0/24");
        var pid = bed.Sandbox.StartContainer();
        var front = bed.Request("web", "front") with { Ports = [new() { HostPort = Port, ContainerPort = 80 }] };
        bed.Attach(front, pid);
        await File.WriteAllTextAsync(broken, "");
        var all = bed.Request("web", "front", "back", "closed") with { Ports = front.Ports };
        var others = all with { Networks = [all.Networks[1], all.Networks[2]] };
        Assert.Equal(ErrorIds.NetworkPluginFailed, bed.TryChange(others).Failure!.ErrorId);
        Assert.Equal(["back", "closed"], bed.Read(front)!.Networks.Select(n => n.Name));

        // Its ports would be on no network: the one that is left is internal, and the other one is being disconnected.
        var last = all with { Networks = [all.Networks[0], all.Networks[2]] };
        var failure = bed.TryChange(last).Failure!;
        Assert.Equal(ErrorIds.NetworkPublishesPorts, failure.ErrorId);
        Assert.Contains("'front'", failure.Message, StringComparison.Ordinal);

        Assert.Equal(["closed"], bed.Change(last with { Ports = [] }).Networks.Select(n => n.Name));
        Assert.DoesNotContain(bed.Reservations(), r => r.StartsWith("back/", StringComparison.Ordinal));
        Assert.DoesNotContain("10.88.2.", bed.Sandbox.Shell($"nsenter -t {pid} -n ip -br addr"), StringComparison.Ordinal);
        File.Delete(broken);
        Assert.Empty(bed.Remove(front));
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
        var report = bed.TryChange(bed.Request("web", "front", "back"));
        Assert.Equal((false, null), (report.IsAttached, report.Failure));
        Assert.Equal(["front/10.88.1.2"], bed.Reservations());
        // poststop.
        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
        // A container that does not run is not changed.
        Assert.Equal(new ChangeReport().Write(), bed.TryChange(request).Write());
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
        bed.Change(both);
        // The program was killed before it had written the record.
        bed.Sandbox.Run(record.Write);
        Assert.Equal(["front", "back"], bed.Change(both).Networks.Select(n => n.Name));
        Assert.Equal(2, bed.Reservations().Length);
        bed.Sandbox.Run(record.Write);
        Assert.Equal(["front"], bed.Change(request).Networks.Select(n => n.Name));
        Assert.Single(bed.Reservations());
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
        var outside = new OutsideHost(bed);
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

        var clients = new PortClients(outside.Pid, OutsideHost.Address, Port);
        var requests = clients.RunAsync(1000);
        await Eventually.TrueAsync(() => clients.Answers("blue") > 100, TimeSpan.FromSeconds(60));
        // The other container gets the port although the first one has it, and then the first one loses it.
        var with = green with { Ports = blue.Ports };
        Assert.Equal(ErrorIds.PortInUse, bed.TryChange(with).Failure?.ErrorId);
        Assert.Null(bed.TryChange(with, blue.Attachment).Failure);
        bed.Change(blue with { Ports = [] });
        await Eventually.TrueAsync(() => clients.Answers("green") > 100, TimeSpan.FromSeconds(60));
        await requests;
        Assert.Empty(clients.Failures);
        Assert.True(clients.Answers("blue") + clients.Answers("green") >= 1000);
        Assert.Equal("green", outside.Fetch());
        bed.Remove(blue);
        bed.Remove(green);
        bed.AssertNothingLeft();
    }
}
