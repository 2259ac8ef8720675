using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Tests.Networks;

/// <summary>Containers on networks, with Debian's plugins, in network namespaces of the tests.</summary>
public sealed class AttachmentTests
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_container_is_attached_and_nothing_is_left_after_it(string suite)
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        bed.AddNetwork("front", "10.88.1.0/24", "fd00:88:1::/64");
        var pid = bed.Sandbox.StartContainer();
        var request = bed.Request("web", "front") with
        {
            Ports =
            [
                new() { HostPort = 8080, ContainerPort = 80 },
                new()
                {
                    HostPort = 5353,
                    ContainerPort = 53,
                    Protocol = "udp",
                },
            ],
        };
        var record = bed.Attach(request, pid);
        Assert.Equal(["10.88.1.2/24", "fd00:88:1::2/64"], record.Networks.Single().Addresses);
        Assert.True(record.Complete);
        Assert.Contains("10.88.1.2/24", bed.Sandbox.Shell($"nsenter -t {pid} -n ip -br addr show eth0"), StringComparison.Ordinal);
        Assert.NotEmpty(bed.Sandbox.Rules());

        // The published port, from the host's loopback address.
        bed.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo served");
        Assert.Equal("served", Fetch(bed, "10.88.1.2", 80));
        Assert.Equal("served", Fetch(bed, "127.0.0.1", 8080));

        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
        // It may be called again.
        Assert.Empty(bed.Remove(request));
    }

    [Fact]
    public async Task The_cache_file_has_the_form_of_libcni()
    {
        using var bed = await NetworkBed.CreateAsync();
        var network = bed.AddNetwork("front", "10.88.1.0/24");
        var request = bed.Request("web", "front") with
        {
            Ports =
            [
                new()
                {
                    HostPort = 8080,
                    ContainerPort = 80,
                    HostAddress = "127.0.0.1",
                },
            ],
        };
        bed.Attach(request, bed.Sandbox.StartContainer());
        var file = Path.Combine(bed.Folders.Cache, "results", $"front-{request.Attachment}-eth0");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var entry = CniCacheEntry.Read(file)!;
        Assert.Equal(File.ReadAllBytes(network.Path), entry.Config);
        Assert.Equal(bed.Folders.PinOf(request.Attachment), entry.Netns);
        Assert.Equal("127.0.0.1:8080/tcp", entry.Ports.Single().ToString());
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal(
            ["kind", "containerId", "config", "ifName", "networkName", "netns", "capabilityArgs", "result"],
            json.RootElement.EnumerateObject().Select(p => p.Name)
        );
        bed.Remove(request);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Masquerading_is_removed_although_the_network_namespace_is_lost(string suite)
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        bed.AddNetwork("front", "10.88.1.0/24");
        var pid = bed.Sandbox.StartContainer();
        var request = bed.Request("web", "front");
        bed.Attach(request, pid);
        bed.Sandbox.Kill(pid);
        bed.Sandbox.Shell($"umount {bed.Folders.PinOf(request.Attachment)}");
        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task After_a_reboot_a_container_gets_its_address_back_unless_another_has_it()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var requests = new[] { bed.Request("one", "front"), bed.Request("two", "front") };
        foreach (var request in requests)
            bed.Attach(request, bed.Sandbox.StartContainer());
        using var rebooted = bed.Reboot();
        var two = rebooted.Attach(requests[1], rebooted.Sandbox.StartContainer());
        Assert.Equal(["10.88.1.3/24"], two.Networks.Single().Addresses);
        // The reservation of the first was removed by hand, and another container has its address.
        var one = Path.Combine(bed.Folders.Addresses!, "front", "10.88.1.2");
        File.WriteAllText(one, "test-other\neth0");
        var third = rebooted.Attach(requests[0], rebooted.Sandbox.StartContainer());
        Assert.NotEqual(["10.88.1.2/24"], third.Networks.Single().Addresses);
        File.Delete(one);
        rebooted.Remove(requests[0]);
        rebooted.Remove(requests[1]);
        rebooted.AssertNothingLeft();
    }

    [Fact]
    public async Task A_requested_address_is_assigned_or_is_an_error()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24", "fd00:88:1::/64");
        NetworkRequest At(string id, params string[] addresses) =>
            bed.Request(id, "front") with
            {
                Networks =
                [
                    new()
                    {
                        Name = "front",
                        Interface = "eth0",
                        Addresses = addresses,
                        Mac = "02:42:0a:58:01:32",
                    },
                ],
            };
        var one = bed.Attach(At("one", "10.88.1.50", "fd00:88:1::50"), bed.Sandbox.StartContainer());
        Assert.Equal(["10.88.1.50/24", "fd00:88:1::50/64"], one.Networks.Single().Addresses);
        Assert.Equal("02:42:0a:58:01:32", one.Networks.Single().Mac);

        var pid = bed.Sandbox.StartContainer();
        var taken = bed.Create(At("two", "10.88.1.50"), pid)!;
        Assert.Equal(ErrorIds.NetworkAddressInUse, taken.ErrorId);
        Assert.Equal("10.88.1.50", taken.Subject);
        var outside = bed.Create(At("two", "10.99.1.50"), pid)!;
        Assert.Equal(ErrorIds.NetworkAddressOutside, outside.ErrorId);
        // The reason is kept for runtimes that do not report it.
        Assert.Equal(outside, bed.Sandbox.Run(() => NetworkFailure.ReadFile(bed.Folders, At("two").Attachment)));
        Assert.Equal(2, bed.Reservations().Length);
        bed.Remove(At("one"));
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_failing_plugin_undoes_those_before_it()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddPlugin(
            bed.AddNetwork("front", "10.88.1.0/24"),
            "broken",
            """[ "$CNI_COMMAND" = DEL ] || { echo '{"code":100,"msg":"told to fail","details":"in the middle"}'; exit 1; }"""
        );
        var request = bed.Request("web", "front") with { Ports = [new() { HostPort = 8080, ContainerPort = 80 }] };
        var failure = bed.Create(request, bed.Sandbox.StartContainer())!;
        Assert.Equal(ErrorIds.NetworkPluginFailed, failure.ErrorId);
        Assert.Contains(
            "The CNI plugin 'broken' failed for the network 'front' (ADD): told to fail; in the middle",
            failure.Message,
            StringComparison.Ordinal
        );
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_container_that_ends_during_the_attachment_leaves_nothing()
    {
        using var bed = await NetworkBed.CreateAsync();
        var pid = bed.Sandbox.StartContainer();
        bed.AddPlugin(
            bed.AddNetwork("front", "10.88.1.0/24"),
            "killer",
            $$"""[ "$CNI_COMMAND" = DEL ] || { kill -9 {{pid}}; while readlink /proc/{{pid}}/ns/net; do sleep 0.01; done >&2; echo '{"cniVersion":"1.0.0"}'; }"""
        );
        var failure = bed.Create(bed.Request("web", "front"), pid)!;
        Assert.Equal(ErrorIds.NetworkTaskGone, failure.ErrorId);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task What_cannot_be_undone_stays_recorded_until_it_can()
    {
        using var bed = await NetworkBed.CreateAsync();
        var switchedOff = Path.Combine(bed.OwnPlugins, "off");
        bed.AddPlugin(
            bed.AddNetwork("front", "10.88.1.0/24"),
            "moody",
            $$"""[ "$CNI_COMMAND" = DEL ] && [ -e {{switchedOff}} ] && { echo broken >&2; exit 1; }; echo '{"cniVersion":"1.0.0"}'"""
        );
        var request = bed.Request("web", "front");
        var pid = bed.Sandbox.StartContainer();
        bed.Attach(request, pid);
        bed.Sandbox.Kill(pid);
        File.WriteAllText(switchedOff, "");
        Assert.Contains("broken", Assert.Single(bed.Remove(request)).Message, StringComparison.Ordinal);
        Assert.True(bed.Sandbox.Run(() => AttachmentRecord.Read(bed.Folders.RecordOf(request.Attachment)))!.FailedAt > 0);
        var sweep = new SweepRequest { Folders = bed.Folders }.Write();
        Assert.Single(bed.Sandbox.Run(() => NetworkPrograms.Sweep(sweep, 0)).Failures);
        File.Delete(switchedOff);
        Assert.Equal([request.Attachment], bed.Sandbox.Run(() => NetworkPrograms.Sweep(sweep, 0)).Attachments);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task A_start_removes_what_containers_that_no_longer_run_left()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var lost = bed.Sandbox.StartContainer();
        bed.Attach(bed.Request("lost", "front") with { Ports = [new() { HostPort = 8080, ContainerPort = 80 }] }, lost);
        bed.Sandbox.Kill(lost);
        var request = bed.Request("web", "front") with { Ports = [new() { HostPort = 8080, ContainerPort = 80 }] };
        bed.Attach(request, bed.Sandbox.StartContainer());
        Assert.Single(bed.Reservations());
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task Of_several_networks_the_first_with_a_way_out_gets_the_default_route_and_the_ports()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("inside", true, "10.88.1.0/24");
        bed.AddNetwork("front", "10.88.2.0/24");
        bed.AddNetwork("back", "10.88.3.0/24");
        var pid = bed.Sandbox.StartContainer();
        var request = bed.Request("web", "inside", "front", "back") with { Ports = [new() { HostPort = 8080, ContainerPort = 80 }] };
        bed.Attach(request, pid);
        var routes = bed
            .Sandbox.Shell($"nsenter -t {pid} -n ip route")
            .Split('\n')
            .Where(r => r.StartsWith("default", StringComparison.Ordinal));
        Assert.Equal(["default via 10.88.2.1 dev eth1 "], routes);
        var rules = bed.Sandbox.Shell("iptables -t nat -S");
        Assert.Contains("10.88.2.2:80", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("10.88.3.2:80", rules, StringComparison.Ordinal);
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task Two_daemons_with_the_same_names_do_not_touch_each_other()
    {
        using var one = await NetworkBed.CreateAsync();
        using var two = await NetworkBed.CreateAsync(sandbox: one.Sandbox, uuid: "daemon-2");
        one.AddNetwork("front", "10.88.1.0/24");
        two.AddNetwork("front", "10.88.2.0/24");
        var first = one.Request("web", "front") with { Ports = [new() { HostPort = 8081, ContainerPort = 80 }] };
        var second = two.Request("web", "front") with { Ports = [new() { HostPort = 8082, ContainerPort = 80 }] };
        one.Attach(first, one.Sandbox.StartContainer());
        var pid = two.Sandbox.StartContainer();
        two.Attach(second, pid);
        two.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo second");
        Assert.Empty(one.Remove(first));
        Assert.Equal("second", Fetch(two, "127.0.0.1", 8082));
        Assert.Empty(two.Remove(second));
        two.AssertNothingLeft();
    }

    [Fact]
    public async Task A_request_that_is_not_that_of_the_container_is_refused()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var pid = bed.Sandbox.StartContainer();
        var request = bed.Request("web", "front");
        bed.Attach(request, pid);
        // A copy of the spec.
        var copy = bed.Sandbox.Run(() => NetworkHookProgram.Create(NetworkBed.State(request, "copy", pid)))!;
        Assert.Equal(ErrorIds.NetworkRequestInvalid, copy.ErrorId);
        Assert.Empty(bed.Sandbox.Run(() => NetworkHookProgram.Remove(NetworkBed.State(request, "copy", 0))));
        // The same id, while the first container runs.
        var again = bed.Create(request, bed.Sandbox.StartContainer())!;
        Assert.Equal(ErrorIds.NetworkAttachmentInUse, again.ErrorId);
        // The network of the host, which plugins would change.
        var host = bed.Create(bed.Request("host", "front"), bed.Sandbox.StartScript("exec sleep 1000").Id)!;
        Assert.Contains("uses the network of the host", host.Message, StringComparison.Ordinal);
        Assert.Single(bed.Reservations());
        bed.Remove(request);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task Addresses_and_rules_that_another_client_left_are_swept()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        var requests = new[] { bed.Request("gone", "front"), bed.Request("kept", "front") };
        foreach (var request in requests)
        {
            bed.Attach(request, bed.Sandbox.StartContainer());
            // As if it had been detached by a client that forgot its cache file.
            bed.Sandbox.Run(() =>
            {
                File.Delete(bed.Folders.RecordOf(request.Attachment));
                NetworkPin.Remove(bed.Folders.PinOf(request.Attachment));
                File.Delete(Path.Combine(bed.Folders.Results, $"front-{request.Attachment}-eth0"));
            });
        }

        var sweep = new SweepRequest
        {
            Folders = bed.Folders,
            Namespaces = [NetworkBed.Namespace],
            Containers = [requests[1].Attachment],
        };
        var report = bed.Sandbox.Run(() => NetworkPrograms.Sweep(sweep.Write(), 0));
        Assert.Empty(report.Failures);
        Assert.Equal([requests[0].Attachment], report.Others);
        Assert.True(report.Rules > 0);
        Assert.Equal(["front/10.88.1.3"], bed.Reservations());
        Assert.All(bed.Sandbox.Rules().Where(r => r.StartsWith("-A", StringComparison.Ordinal)), r =>
            Assert.Contains("-kept-", r, StringComparison.Ordinal)
        );
        report = bed.Sandbox.Run(() => NetworkPrograms.Sweep((sweep with { Containers = [] }).Write(), 0));
        Assert.Equal([requests[1].Attachment], report.Others);
        var bridge = Host.Networks.Configuration.NetworkDefinition.BridgeOf("front", bed.Uuid);
        // The plugin firewall adds rules for the bridge, and never removes them.
        Assert.Contains(bridge, bed.Sandbox.Shell("iptables -S"), StringComparison.Ordinal);
        report = bed.Sandbox.Run(() =>
            NetworkPrograms.Sweep(new SweepRequest { Folders = bed.Folders, Bridges = [bridge, "br-none"] }.Write(), 0)
        );
        Assert.Equal([bridge], report.Bridges);
        Assert.Empty(report.Failures);
        Assert.DoesNotContain(bridge, bed.Sandbox.Shell("iptables -S; ip6tables -S"), StringComparison.Ordinal);
    }

    private static string Fetch(NetworkBed bed, string address, int port) =>
        bed
            .Sandbox.Shell(
                $"for i in $(seq 100); do busybox nc -w 5 {address} {port} < /dev/null 2> /dev/null | grep . && exit 0; sleep 0.05; done; exit 1"
            )
            .Trim();
}
