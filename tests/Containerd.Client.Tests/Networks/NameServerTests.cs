using System.Net;
using System.Net.Sockets;
using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;
using static Containerd.Client.Tests.Networks.NameServerBed;

namespace Containerd.Client.Tests.Networks;

/// <summary>Networks whose names are resolved by a name server, with aardvark-dns of Debian's suites.</summary>
public sealed class NameServerTests
{
    private const string Outside = "192.0.2.80";
    private const string OwnServer = "127.0.0.2";

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task Containers_find_each_other_by_DNS_and_other_names_are_forwarded(string suite)
    {
        using var bed = await CreateAsync(suite);
        using var host = new FakeResolver(bed.Sandbox, "127.0.0.1", Outside);
        using var other = new FakeResolver(bed.Sandbox, OwnServer, "192.0.2.81");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24", "fd00:88:1::/64");
        bed.AddNetworkWithDns("back", false, "10.88.2.0/24");
        var web = WithFiles(bed, With(bed.Request("web", "front"), "shop", "www"));
        var app = WithFiles(bed, With(bed.Request("app", "front", "back"), "logic", "www") with { Dns = new() { Servers = [OwnServer] } });
        var (webPid, appPid) = (bed.Sandbox.StartContainer(), bed.Sandbox.StartContainer());
        bed.Attach(web, webPid);
        bed.Attach(app, appPid);

        // All names, also that of two containers, and IPv6. The hosts file has only the container itself.
        foreach (var name in new[] { "app", "logic", "app-host", "APP" })
            Assert.Equal(["10.88.1.3", "fd00:88:1::3"], Resolve(bed, webPid, name, "10.88.1.1"));
        Assert.Equal(["10.88.1.2", "10.88.1.3", "fd00:88:1::2", "fd00:88:1::3"], Resolve(bed, webPid, "www", "fd00:88:1::1"));
        Assert.Equal(["10.88.1.2", "fd00:88:1::2"], Resolve(bed, appPid, "shop", "10.88.2.1"));
        Assert.DoesNotContain("app", File.ReadAllText(web.Files.Hosts!), StringComparison.Ordinal);
        Assert.Contains("web", File.ReadAllText(web.Files.Hosts!), StringComparison.Ordinal);
        // Other names: by the servers of the host, or by those of the container.
        Assert.Equal([Outside], Resolve(bed, webPid, "outside.test", "10.88.1.1"));
        Assert.Equal(["192.0.2.81"], Resolve(bed, appPid, "outside.test", "10.88.1.1"));
        Assert.Equal(
            "search example.test\n# <containerd-powershell>\nnameserver 10.88.1.1\nnameserver fd00:88:1::1\nnameserver 10.88.2.1\n"
                + "# nameserver 192.0.2.53\n# </containerd-powershell>\noptions ndots:2\n",
            File.ReadAllText(app.Files.ResolvConf!)
        );

        // A container that ends is no longer found, and the last one ends the process.
        Assert.Empty(bed.Remove(app));
        Assert.Equal(["10.88.1.2", "fd00:88:1::2"], Resolve(bed, webPid, "www", "10.88.1.1"));
        Assert.Equal("search example.test\nnameserver 192.0.2.53\noptions ndots:2\n", File.ReadAllText(app.Files.ResolvConf!));
        Assert.Single(ServersOf(bed));
        Assert.Empty(bed.Remove(web));
        AssertNothingLeft(bed);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_container_that_runs_is_connected_and_disconnected_and_an_internal_network_forwards_nothing(string suite)
    {
        using var bed = await CreateAsync(suite);
        using var host = new FakeResolver(bed.Sandbox, "127.0.0.1", Outside);
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        bed.AddNetworkWithDns("closed", true, "10.88.2.0/24");
        bed.AddNetwork("plain", "10.88.3.0/24");
        var web = WithFiles(bed, bed.Request("web", "front", "plain"));
        var db = WithFiles(bed, bed.Request("db", "closed", "plain"));
        var (webPid, dbPid) = (bed.Sandbox.StartContainer(), bed.Sandbox.StartContainer());
        bed.Attach(web, webPid);
        bed.Attach(db, dbPid);
        Assert.Equal(["10.88.3.1 eth1"], bed.DefaultRoutes(dbPid));
        Assert.Empty(Resolve(bed, dbPid, "outside.test", "10.88.2.1"));
        // Later versions forward also names without a dot.
        Assert.Empty(Resolve(bed, webPid, "db", "10.88.1.1").Except([Outside]));
        Assert.Contains("10.88.3.3\tdb", File.ReadAllText(web.Files.Hosts!), StringComparison.Ordinal);
        Assert.DoesNotContain("10.88.2.2", File.ReadAllText(web.Files.Hosts!), StringComparison.Ordinal);

        // Also with a route of its own, a container does not get out of it.
        _ = new OutsideHost(bed);
        bed.Sandbox.Shell($"nsenter -t {dbPid} -n ip route add 192.0.2.0/24 via 10.88.2.1");
        Assert.Contains(" 0% packet loss", Ping(webPid, "192.0.2.2"), StringComparison.Ordinal);
        Assert.Contains("100% packet loss", Ping(dbPid, "192.0.2.2"), StringComparison.Ordinal);
        Assert.Contains(" 0% packet loss", Ping(dbPid, "10.88.2.1"), StringComparison.Ordinal);
        bed.Sandbox.Shell($"nsenter -t {dbPid} -n ip route del 192.0.2.0/24");

        // The name server of the internal network comes after the other one, in whatever order they are connected.
        var both = db with
        {
            Networks =
            [
                db.Networks[0],
                db.Networks[1],
                new()
                {
                    Name = "front",
                    Interface = "eth2",
                    Aliases = ["store"],
                },
            ],
        };
        bed.Change(both);
        Assert.Equal(["10.88.1.1", "10.88.2.1"], Servers(db));
        foreach (var name in new[] { "db", "store" })
            Assert.Equal(["10.88.1.3"], Resolve(bed, webPid, name, "10.88.1.1"));
        Assert.Equal(["10.88.1.2"], Resolve(bed, dbPid, "web", "10.88.1.1"));
        Assert.Equal([Outside], Resolve(bed, dbPid, "outside.test", "10.88.1.1"));

        bed.Change(both with { Networks = [both.Networks[1], both.Networks[2]] });
        Assert.Equal(["10.88.1.1"], Servers(db));
        bed.Change(both with { Networks = [both.Networks[1]] });
        Assert.Equal(["192.0.2.53"], Servers(db));
        // The program reads its files after the change.
        await Eventually.TrueAsync(() => !Resolve(bed, webPid, "db", "10.88.1.1").Except([Outside]).Any());
        Assert.Empty(bed.Remove(web));
        Assert.Empty(ServersOf(bed));
        Assert.Empty(bed.Remove(db));
        AssertNothingLeft(bed);

        string Ping(int pid, string address) => bed.Sandbox.Shell($"nsenter -t {pid} -n busybox ping -c 1 -W 1 {address} || true");
    }

    [Fact]
    public async Task A_name_server_that_was_killed_is_reported_and_started_again_by_the_next_start_and_by_a_repair()
    {
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        var (web, app) = (bed.Request("web", "front"), bed.Request("app", "front"));
        var (webPid, appPid) = (bed.Sandbox.StartContainer(), bed.Sandbox.StartContainer());
        bed.Attach(web, webPid);
        Assert.Empty(Repair(bed, isTest: true).NameServers);
        KillServer(bed);
        bed.Attach(app, appPid);
        Assert.Equal(["10.88.1.3"], Resolve(bed, webPid, "app", "10.88.1.1"));

        KillServer(bed);
        Assert.Equal(["front"], Repair(bed, isTest: true).NameServers);
        Assert.Empty(ServersOf(bed));
        // The end of another container starts it again.
        Assert.Empty(bed.Remove(app));
        Assert.Empty(Repair(bed, isTest: true).NameServers);
        KillServer(bed);
        var repaired = Repair(bed, isTest: false);
        Assert.Equal(["front"], repaired.NameServers);
        Assert.Empty(repaired.Failures);
        Assert.Empty(Repair(bed, isTest: true).NameServers);
        Assert.Equal(["10.88.1.2"], Resolve(bed, webPid, "web", "10.88.1.1"));
        Assert.Empty(Resolve(bed, webPid, "app", "10.88.1.1"));

        // What a crash leaves is removed by a sweep.
        bed.Sandbox.Kill(webPid);
        Assert.Empty(bed.Sandbox.Run(() => new NetworkSweep(new() { Folders = bed.Folders }).Run()).Failures);
        AssertNothingLeft(bed);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_port_53_that_is_in_use_is_an_error_of_the_start_and_of_a_connection_and_nothing_is_left(string suite)
    {
        using var bed = await CreateAsync(suite);
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        bed.AddNetwork("plain", "10.88.2.0/24");
        var web = bed.Request("web", "front");
        var other = bed.Request("other", "plain");
        var pid = bed.Sandbox.StartContainer();
        bed.Attach(other, pid);
        var before = bed.StateOf(pid);
        var server = bed.Sandbox.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 53));
            return socket;
        });
        var failure = bed.Create(web, bed.Sandbox.StartContainer())!;
        Assert.Equal(ErrorIds.PortInUse, failure.ErrorId);
        Assert.Contains($"({Environment.ProcessId})", failure.Message, StringComparison.Ordinal);
        Assert.Contains("10.88.1.1, port 53", failure.Message, StringComparison.Ordinal);
        var both = other with { Networks = [.. other.Networks, new() { Name = "front", Interface = "eth1" }] };
        Assert.Equal(ErrorIds.PortInUse, bed.TryChange(both).Failure!.ErrorId);
        Assert.Equal(before, bed.StateOf(pid));
        Assert.Empty(ServersOf(bed));
        server.Dispose();
        var address = bed.Change(both).Networks[1].Addresses.Single().Split('/')[0];
        Assert.Equal([address], Resolve(bed, pid, "other", "10.88.1.1"));
        Assert.Empty(bed.Remove(other));
        AssertNothingLeft(bed);
    }

    [Fact]
    public async Task A_firewall_that_drops_the_queries_is_an_error_that_says_so()
    {
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        bed.Sandbox.Shell("iptables -I INPUT -p udp --dport 53 -j DROP");
        var failure = bed.Create(bed.Request("web", "front"), bed.Sandbox.StartContainer())!;
        Assert.Equal((ErrorIds.NameServerUnreachable, "front"), (failure.ErrorId, failure.Subject));
        Assert.Contains("10.88.1.1", failure.Message, StringComparison.Ordinal);
        AssertNothingLeft(bed);
    }

    [Fact]
    public async Task A_name_server_that_is_not_installed_or_cannot_start_is_an_error_of_the_start()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        var web = bed.Request("web", "front");
        if (NameServerProgram.TryFind(bed.Folders) is null)
        {
            var missing = bed.Create(web, bed.Sandbox.StartContainer())!;
            Assert.Equal(ErrorIds.NameServerMissing, missing.ErrorId);
            Assert.Contains("aardvark-dns", missing.Remedy, StringComparison.Ordinal);
        }

        foreach (var (script, text) in new[] { ("echo 'told to fail.' >&2; exit 3", "told to fail."), ("exit 0", "stopped right after") })
        {
            bed.WritePlugin("aardvark-dns", script);
            var failure = bed.Create(web, bed.Sandbox.StartContainer())!;
            Assert.Equal(ErrorIds.NameServerFailed, failure.ErrorId);
            Assert.Contains(text, failure.Message, StringComparison.Ordinal);
            File.Delete(Path.Combine(bed.OwnPlugins, "aardvark-dns"));
        }

        AssertNothingLeft(bed);
    }

    [Fact]
    public async Task Two_daemons_share_the_name_server_and_a_name_of_two_namespaces_is_an_error()
    {
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        var web = bed.Request("web", "front");
        var webPid = bed.Sandbox.StartContainer();
        bed.Attach(web, webPid);
        var second = bed.Folders with { State = NetworkFolders.StateOf("daemon-2") };
        var app = Of("app", "test");
        var appPid = bed.Sandbox.StartContainer();
        bed.Attach(app, appPid);
        Assert.Equal(["10.88.1.3"], Resolve(bed, webPid, "app", "10.88.1.1"));
        Assert.Equal(["10.88.1.2"], Resolve(bed, appPid, "web", "10.88.1.1"));
        Assert.Single(ServersOf(bed));

        foreach (var same in new[] { Of("web", "test"), Of("WEB", "other"), With(Of("x", "other"), null, "app") })
        {
            var failure = bed.Create(same, bed.Sandbox.StartContainer())!;
            Assert.Equal(ErrorIds.NetworkNameInUse, failure.ErrorId);
        }

        Assert.Empty(bed.Remove(web));
        Assert.Equal(["10.88.1.3"], Resolve(bed, appPid, "app", "10.88.1.1"));
        Assert.Empty(bed.Remove(app));
        AssertNothingLeft(bed);

        NetworkRequest Of(string id, string containerdNamespace) =>
            bed.Request(id, "front") with
            {
                Namespace = containerdNamespace,
                Attachment = NetworkFolders.AttachmentId(containerdNamespace, id, "daemon-2"),
                Folders = second,
            };
    }

    [Fact]
    public async Task After_a_reboot_the_start_of_a_container_starts_it_again()
    {
        using var bed = await CreateAsync("sid");
        bed.AddNetworkWithDns("front", false, "fd00:88:1::/64");
        var web = bed.Request("web", "front");
        bed.Attach(web, bed.Sandbox.StartContainer());
        using var later = bed.Reboot();
        SetResolver(later);
        var pid = later.Sandbox.StartContainer();
        later.Attach(web, pid);
        Assert.Equal(["fd00:88:1::2"], Resolve(later, pid, "web", "fd00:88:1::1"));
        Assert.Empty(later.Remove(web));
        AssertNothingLeft(later);
        KillServer(bed);
    }

    [Theory]
    [InlineData("", "# <containerd-powershell>\nnameserver 10.4.0.1\n# </containerd-powershell>\n", "")]
    [InlineData("options a", "options a\n# <containerd-powershell>\nnameserver 10.4.0.1\n# </containerd-powershell>\n", "options a\n")]
    [InlineData(
        "nameserver 1.1.1.1\nsearch a\nnameserver ::2\n",
        "# <containerd-powershell>\nnameserver 10.4.0.1\n# nameserver 1.1.1.1\n# nameserver ::2\n# </containerd-powershell>\nsearch a\n",
        "nameserver 1.1.1.1\nnameserver ::2\nsearch a\n"
    )]
    public void The_name_server_replaces_those_of_the_file_which_come_back(string before, string with, string after)
    {
        Assert.Equal(with, ResolverFile.Replace(before, ["10.4.0.1"]));
        Assert.Equal(with, ResolverFile.Replace(with, ["10.4.0.1"]));
        Assert.Equal(after, ResolverFile.Replace(with, []));
        Assert.Equal(before, ResolverFile.Replace(before, []));
    }

    private static NetworkRequest With(NetworkRequest request, string? name, params string[] aliases) =>
        request with
        {
            Name = name,
            Hostname = request.Container + "-host",
            Networks = [.. request.Networks.Select(n => n with { Aliases = aliases })],
        };

    private static string[] Servers(NetworkRequest request) =>
        [
            .. File.ReadLines(request.Files.ResolvConf!)
                .Where(l => l.StartsWith("nameserver ", StringComparison.Ordinal))
                .Select(l => l["nameserver ".Length..]),
        ];
}
