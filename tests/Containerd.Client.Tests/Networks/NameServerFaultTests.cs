using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Containerd.Host.Mounts;
using Containerd.Host.Native;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Processes;
using Containerd.Testing;
using static Containerd.Client.Tests.Networks.NameServerBed;

namespace Containerd.Client.Tests.Networks;

/// <summary>Name servers that stop, hang, or cannot listen, and what that means for other containers and networks.</summary>
public sealed class NameServerFaultTests
{
    private const int Stop = 19;

    [Fact]
    public async Task The_folder_of_the_program_only_has_complete_files()
    {
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        bed.AddNetworkWithDns("back", false, "10.88.2.0/24");
        var web = bed.Request("web", "front");
        bed.Attach(web, bed.Sandbox.StartContainer());
        var folder = Folder(bed);
        using var watch = bed.Sandbox.Run(() => new FolderWatch(folder));
        var db = bed.Request("db", "front", "back");
        bed.Attach(db, bed.Sandbox.StartContainer());
        Assert.Empty(bed.Remove(db));
        Assert.Equal(["network-back", "network-front"], watch.Names().Distinct().Order());
        Assert.Empty(bed.Remove(web));
        AssertNothingLeft(bed);
    }

    [Fact]
    public async Task A_program_that_ends_while_it_reads_the_files_is_started_again()
    {
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        bed.AddNetworkWithDns("back", false, "10.88.2.0/24");
        var (web, db) = (bed.Request("web", "front"), bed.Request("db", "back"));
        var pid = bed.Sandbox.StartContainer();
        bed.Attach(web, pid);
        bed.Attach(db, bed.Sandbox.StartContainer());
        KillServer(bed);
        // A program in its place, which listens for the network that will have no containers, and ends when it is to read its files.
        var socket = Listen(bed, "10.88.2.1");
        var folder = Folder(bed);
        var fake = bed.Sandbox.StartScript(
            $"exec sh -c 'trap \"exit 1\" HUP; printf %s $$ > {folder}/aardvark.pid; while :; do sleep 0.05; done' sh {folder}"
        );
        var ended = fake.WaitForExitAsync().ContinueWith(_ => socket.Dispose(), TaskScheduler.Default);
        await Eventually.TrueAsync(() =>
            bed.Sandbox.Run(() =>
                File.Exists(folder + "/aardvark.pid") && File.ReadAllText(folder + "/aardvark.pid").Trim() == $"{fake.Id}"
            )
        );
        Assert.Empty(bed.Remove(db));
        await ended.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Single(ServersOf(bed));
        await Eventually.TrueAsync(() => Resolve(bed, pid, "web", "10.88.1.1") is ["10.88.1.2"]);
        Assert.Empty(bed.Remove(web));
        AssertNothingLeft(bed);
    }

    [Fact]
    public async Task A_start_that_waits_for_an_answer_does_not_hold_up_others()
    {
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        bed.Sandbox.Shell("iptables -I INPUT -p udp --dport 53 -j DROP");
        var pid = bed.Sandbox.StartContainer();
        var start = Task.Run(() => bed.Create(bed.Request("web", "front"), pid));
        await Eventually.TrueAsync(() => bed.Reservations().Length > 0);
        // The start that failed would have removed its address before it released the lock.
        using (NetworkLock.Take(bed.Folders, TimeSpan.FromSeconds(60)))
            Assert.Equal(["front/10.88.1.2"], bed.Reservations());
        Assert.Equal(ErrorIds.NameServerUnreachable, (await start)!.ErrorId);
        AssertNothingLeft(bed);
    }

    [Fact]
    public async Task A_network_that_is_broken_does_not_affect_others()
    {
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        bed.AddNetworkWithDns("back", false, "10.88.2.0/24");
        bed.AddNetworkWithDns("third", false, "10.88.3.0/24");
        bed.AddNetwork("plain", "10.88.4.0/24");
        var (web, db) = (bed.Request("web", "front"), bed.Request("db", "back"));
        bed.Attach(web, bed.Sandbox.StartContainer());
        bed.Attach(db, bed.Sandbox.StartContainer());

        // A firewall between the container and one of its networks: connections to others succeed.
        bed.Sandbox.Shell("iptables -I INPUT -d 10.88.2.1 -p udp --dport 53 -j DROP");
        Assert.Equal(2, bed.Change(bed.Request("db", "back", "plain")).Networks.Count);
        Assert.Equal(3, bed.Change(bed.Request("db", "back", "plain", "third")).Networks.Count);
        bed.Change(db);
        bed.Sandbox.Shell("iptables -D INPUT -d 10.88.2.1 -p udp --dport 53 -j DROP");
        KillServer(bed);

        // Another program has the address of one network.
        var socket = Listen(bed, "10.88.2.1");
        var app = bed.Request("app", "front");
        var appPid = bed.Sandbox.StartContainer();
        bed.Attach(app, appPid);
        Assert.Equal(["10.88.1.2"], Resolve(bed, appPid, "web", "10.88.1.1"));
        var other = bed.Create(bed.Request("other", "back"), bed.Sandbox.StartContainer())!;
        Assert.Equal((ErrorIds.PortInUse, "back"), (other.ErrorId, other.Subject));
        socket.Dispose();
        Assert.Equal(["back"], Repair(bed, isTest: false).NameServers);
        Assert.Empty(Repair(bed, isTest: true).NameServers);

        // The bridge of one network was removed.
        KillServer(bed);
        bed.Sandbox.Shell($"ip link del {NetworkDefinition.BridgeOf("back", bed.Uuid)}");
        Assert.Empty(bed.Remove(app));
        bed.Attach(app, bed.Sandbox.StartContainer());
        var repaired = Repair(bed, isTest: false);
        Assert.Equal(["back"], repaired.NameServers);
        var failure = Assert.Single(repaired.Failures);
        Assert.Equal((ErrorIds.NameServerFailed, "back"), (failure.ErrorId, failure.Subject));
        Assert.Contains("10.88.2.1", failure.Message, StringComparison.Ordinal);
        foreach (var request in new[] { app, web, db })
            Assert.Empty(bed.Remove(request));
        AssertNothingLeft(bed);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_repair_restarts_a_program_that_hangs_and_finds_a_container_that_it_does_not_have(string suite)
    {
        using var bed = await CreateAsync(suite);
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        var (web, app) = (bed.Request("web", "front"), bed.Request("app", "front"));
        var pid = bed.Sandbox.StartContainer();
        bed.Attach(web, pid);
        bed.Attach(app, bed.Sandbox.StartContainer());
        var first = Assert.Single(ServersOf(bed));
        ProcessMark.Of(first)!.Value.Signal(Stop);
        Assert.Equal(["front"], Repair(bed, isTest: true).NameServers);
        var repaired = Repair(bed, isTest: false);
        Assert.Equal(["front"], repaired.NameServers);
        Assert.Empty(repaired.Failures);
        Assert.NotEqual(first, Assert.Single(ServersOf(bed)));
        Assert.Equal(["10.88.1.3"], Resolve(bed, pid, "app", "10.88.1.1"));

        // Another program changed a file.
        bed.Sandbox.Shell($"sed -i /app/d {Folder(bed)}/network-front; kill -HUP {Assert.Single(ServersOf(bed))}");
        await Eventually.TrueAsync(() => !Resolve(bed, pid, "app", "10.88.1.1").Contains("10.88.1.3"));
        Assert.Equal(["front"], Repair(bed, isTest: true).NameServers);
        Assert.Empty(Repair(bed, isTest: false).Failures);
        Assert.Equal(["10.88.1.3"], Resolve(bed, pid, "app", "10.88.1.1"));
        Assert.Empty(bed.Remove(web));
        Assert.Empty(bed.Remove(app));
        AssertNothingLeft(bed);
    }

    [Theory]
    [InlineData("cgroup", "freezer")]
    [InlineData("cgroup2", "rw")]
    public async Task The_program_is_in_the_control_group_of_a_shim_and_not_in_that_of_the_caller(string type, string option)
    {
        var point = MountTable.Read("/proc/self/mountinfo").FirstOrDefault(m => m.Type == type && m.Options.Contains(option))?.Point;
        Assert.SkipWhen(point is null, "The host does not have this version of control groups.");
        using var bed = await CreateAsync("bookworm");
        bed.AddNetworkWithDns("front", false, "10.88.1.0/24");
        var group = PrivateDaemon.Unique("ctr-names");
        bed.Sandbox.Shell($"mkdir {point}/{group}; ln -s /bin/sh {bed.OwnPlugins}/containerd-shim-test");
        try
        {
            // The shim of a container, whose own processes are in another group.
            var shim = bed.Sandbox.StartScript(
                $"echo 0 > {point}/{group}/cgroup.procs; "
                    + $"exec {bed.OwnPlugins}/containerd-shim-test -c 'unshare -n sleep 1000 & echo $!; wait'"
            );
            var pid = int.Parse((await shim.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            var own = bed.Sandbox.Run(() => LibcNetworks.NamespaceOf("thread-self"));
            await Eventually.TrueAsync(() => LibcNetworks.NamespaceOf($"{pid}") != own);
            var web = bed.Request("web", "front");
            bed.Attach(web, pid);
            var server = Assert.Single(ServersOf(bed));
            Assert.Contains($":/{group}\n", await File.ReadAllTextAsync($"/proc/{server}/cgroup"), StringComparison.Ordinal);
            Assert.Equal(["10.88.1.2"], Resolve(bed, pid, "web", "10.88.1.1"));
            Assert.Empty(bed.Remove(web));
            AssertNothingLeft(bed);
            shim.Kill(entireProcessTree: true);
            await shim.WaitForExitAsync();
        }
        finally
        {
            await Eventually.TrueAsync(() => IsRemoved($"{point}/{group}"));
        }

        static bool IsRemoved(string folder)
        {
            try
            {
                Directory.Delete(folder);
                return true;
            }
            catch (IOException)
            {
                // Processes that were killed leave the group when they have ended.
                return false;
            }
        }
    }

    private static Socket Listen(NetworkBed bed, string address) =>
        bed.Sandbox.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 53));
            return socket;
        });

    /// <summary>The folder of the name server.</summary>
    private static string Folder(NetworkBed bed) => bed.Sandbox.Run(() => bed.Folders.NamesOf(LibcNetworks.NamespaceOf("thread-self")!));
}
