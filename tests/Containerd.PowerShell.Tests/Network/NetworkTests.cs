using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>Networks as objects, and containers that are attached to them, on a daemon.</summary>
public sealed class NetworkTests(NetworkDaemon fixture) : IClassFixture<NetworkDaemon>, IDisposable
{
    private const string Idle = "-- sleep 1000";
    private readonly Engine _engine = fixture.Open("default");
    private readonly string _id = PrivateDaemon.Unique("c");
    private readonly string _network = PrivateDaemon.Unique("n");

    private string DataFolder => fixture.Daemon.Daemon.Path;

    private string Configuration => Path.Combine(DataFolder, "networks", "net.d");

    public void Dispose()
    {
        _engine.Invoke(
            "Get-CtrContainer | Remove-CtrContainer -Force; Get-CtrNetwork | Remove-CtrNetwork; Clear-CtrNetwork -Confirm:$false"
        );
        _engine.Dispose();
    }

    [Fact]
    public async Task A_published_port_reaches_the_container_and_removal_leaves_nothing()
    {
        var created = _engine.Require<CtrContainer>(
            $"New-CtrContainer {_id} -Image {TestImages.Busybox} -Publish 8080:80, 127.0.0.1:9000-9001:9000-9001/udp, 81 "
                + "-- httpd -f -p 80 -h /etc"
        );
        Assert.Equal(["8080:80/tcp", "127.0.0.1:9000-9001:9000-9001/udp"], created.Ports[..2].Select(p => p.ToString()));
        Assert.InRange(created.Ports[2].HostPort, 49152, 65535);
        var attachment = Assert.Single(created.Networks);
        Assert.Equal(("bridge", "eth0", 0), (attachment.Network, attachment.Interface, attachment.IPAddresses.Length));

        _engine.Require($"Start-CtrTask {_id}");
        var running = _engine.Require<CtrContainer>($"Get-CtrContainer {_id}");
        attachment = Assert.Single(running.Networks);
        var address = Assert.Single(attachment.IPAddresses);
        Assert.Matches("^([0-9a-f]{2}:){5}[0-9a-f]{2}$", attachment.MacAddress);
        Assert.Equal(
            $"bridge/eth0={address}",
            _engine.Require<CtrContainer>($"Get-CtrContainer {_id}").Labels["containerd-powershell/addresses"]
        );
        Assert.Equal("8080:80/tcp,127.0.0.1:9000-9001:9000-9001/udp," + created.Ports[2], running.Labels["containerd-powershell/ports"]);
        Assert.Equal($"{_id}\n", await fixture.RunAsync("busybox", "wget", "-qO-", "http://127.0.0.1:8080/hostname"));
        var table = _engine.Display($"Get-CtrContainer {_id}");
        Assert.Contains($"{address} 8080:80", table, StringComparison.Ordinal);
        var user = Assert.Single(_engine.Require<CtrNetwork>("Get-CtrNetwork bridge -Detailed").Attachments!);
        Assert.Equal((_id, address), (user.ContainerId, user.IPAddresses.Single()));
        Assert.Contains($"{_id} {address}", _engine.Display("Get-CtrNetwork bridge -Detailed"), StringComparison.Ordinal);
        Assert.Contains("bridge", _engine.Display($"Show-CtrContainer {_id}"), StringComparison.Ordinal);

        var files = Path.Combine(DataFolder, "logs", ".network-files", "default");
        Assert.Single(Directory.GetDirectories(files, _id + "~*"));
        AssertError("Remove-CtrNetwork bridge", ErrorIds.NetworkInUse, _id);
        _engine.Require($"Remove-CtrContainer {_id} -Force");
        Assert.Empty(Directory.GetDirectories(files, _id + "~*"));
        Assert.DoesNotContain("DNAT --to-destination", await fixture.RunAsync("iptables-save"), StringComparison.Ordinal);
        var bridge = _engine.Require<CtrNetwork>("Get-CtrNetwork bridge").Interface;
        Assert.Contains(bridge, await fixture.RunAsync("ip", "link"), StringComparison.Ordinal);
        _engine.Require("Remove-CtrNetwork bridge");
        Assert.DoesNotContain(bridge, await fixture.RunAsync("ip", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public void Containers_of_a_network_reach_each_other_by_id_name_and_alias_also_those_that_started_earlier()
    {
        var (second, name) = (PrivateDaemon.Unique("c"), PrivateDaemon.Unique("name"));
        _engine.Require(
            $"$null = New-CtrNetwork {_network} -Subnet 10.77.0.0/24 -IPRange 10.77.0.100-10.77.0.120 -Label app=test; $null = New-CtrNetwork {_network}-2"
        );
        _engine.Require(
            $"New-CtrContainer -Name {name} -Id {_id} -Image {TestImages.Busybox} -Network {_network} -NetworkAlias other "
                + $"-HostEntry host.test:host-gateway, fixed.test:192.0.2.1 -DnsSearch example.test -DnsOption ndots:2 -Dns 192.0.2.53 {Idle} | Start-CtrTask; "
                + $"New-CtrContainer {second} -Image {TestImages.Busybox} -Network {_network}, {_network}-2 -IPAddress 10.77.0.119 -MacAddress 02:42:0A:4D:00:77 {Idle} | Start-CtrTask"
        );
        string Run(string id, string command) =>
            string.Join('\n', _engine.Require($"Invoke-CtrExec {id} -- sh -c '{command}'").Select(line => line.ToString()));

        foreach (var known in new[] { _id, name, "other" })
            Assert.Contains("1 packets received", Run(second, $"ping -c 1 -W 5 {known}"), StringComparison.Ordinal);
        Assert.Contains("10.77.0.119", Run(_id, $"ping -c 1 -W 5 {second}"), StringComparison.Ordinal);
        Assert.Contains("10.77.0.1\thost.test", Run(_id, "cat /etc/hosts"), StringComparison.Ordinal);
        Assert.Contains("192.0.2.1\tfixed.test", Run(_id, "cat /etc/hosts"), StringComparison.Ordinal);
        Assert.Equal("search example.test\nnameserver 192.0.2.53\noptions ndots:2", Run(_id, "cat /etc/resolv.conf"));
        Assert.Equal(_id, Run(_id, "cat /etc/hostname"));
        Assert.Contains("link/ether 02:42:0a:4d:00:77", Run(second, "ip link show eth0"), StringComparison.Ordinal);

        var network = _engine.Require<CtrNetwork>("Get-CtrNetwork -Label app=test -Detailed");
        Assert.Equal((_network, "10.77.0.0/24", "10.77.0.1"), (network.Name, network.Subnets.Single(), network.Gateways.Single()));
        Assert.Equal(["10.77.0.100", "10.77.0.119"], network.Attachments!.Select(a => a.IPAddresses.Single()).Order());
        // An address stays over a restart.
        _engine.Require($"Stop-CtrTask {_id} -Timeout 0; Start-CtrTask {_id}");
        Assert.Equal("10.77.0.100", _engine.Require<CtrContainer>($"Get-CtrContainer {_id}").Networks.Single().IPAddresses.Single());
        // The third one is in the network of the first.
        var third = PrivateDaemon.Unique("c");
        _engine.Require($"New-CtrContainer {third} -Image {TestImages.Busybox} -Network container:{name} {Idle} | Start-CtrTask");
        Assert.Contains("10.77.0.100/24", Run(third, "ip addr"), StringComparison.Ordinal);
        Assert.Contains(second, Run(third, "cat /etc/hosts"), StringComparison.Ordinal);
        Assert.Equal("container:" + _id, _engine.Require<CtrContainer>($"Get-CtrContainer {third}").Networks.Single().Network);
        _engine.Require($"Stop-CtrTask {third} -Timeout 0; Stop-CtrTask {_id} -Timeout 0");
        AssertError($"Start-CtrTask {third}", ErrorIds.TaskNotRunning, _id);
    }

    [Fact]
    public void A_container_without_networks_is_as_before_and_one_in_the_network_of_the_host_can_have_host_entries()
    {
        var (host, none) = (PrivateDaemon.Unique("c"), PrivateDaemon.Unique("c"));
        _engine.Require(
            $"New-CtrContainer {_id} -Image {TestImages.Busybox} {Idle}; New-CtrContainer {none} -Image {TestImages.Busybox} -Network none {Idle}; "
                + $"New-CtrContainer {host} -Image {TestImages.Busybox} -Network host -HostEntry a.test:host-gateway {Idle} | Start-CtrTask"
        );
        foreach (var id in new[] { _id, none })
        {
            var container = _engine.Require<CtrContainer>($"Get-CtrContainer {id}");
            Assert.Empty(container.Networks);
            Assert.Null(container.Spec!.Hooks);
            Assert.DoesNotContain(container.Spec.Mounts!, m => m.Destination == "/etc/hosts");
            Assert.Contains(container.Spec.Linux!.Namespaces!, n => n.Type == "network");
        }

        Assert.Equal("host", _engine.Require<CtrContainer>($"Get-CtrContainer {host}").Networks.Single().Network);
        Assert.Contains(
            "127.0.0.1\ta.test",
            string.Join('\n', _engine.Require($"Invoke-CtrExec {host} -- cat /etc/hosts")),
            StringComparison.Ordinal
        );
        // A full spec can be attached too; its own hooks run between those of the module.
        var spec =
            $"$spec = New-CtrSpec {_id}-2 -Image {TestImages.Busybox} {Idle}; $spec.Hooks = @{{ CreateRuntime = @(@{{ Path = '/bin/true' }}); Poststop = @(@{{ Path = '/bin/true' }}) }}";
        var attached = _engine.Require<CtrContainer>(
            $"{spec}; New-CtrContainer {_id}-2 -Image {TestImages.Busybox} -Spec $spec -Publish 80"
        );
        Assert.Equal("/bin/true", attached.Spec!.Hooks!.CreateRuntime![1].Path);
        Assert.Equal("/bin/true", attached.Spec.Hooks.Poststop![0].Path);
        _engine.Require($"Start-CtrTask {_id}-2");
    }

    [Theory]
    [InlineData("-Network nowhere", ErrorIds.NetworkNotFound, "nowhere")]
    [InlineData("-Network container:nobody", ErrorIds.ContainerNotFound, "nobody")]
    [InlineData("-Network container:", ErrorIds.InvalidNetworkOption, "not named")]
    [InlineData("-Network host, bridge", ErrorIds.ConflictingParameters, "'host'")]
    [InlineData("-Network host -Publish 80:80", ErrorIds.ConflictingParameters, "ports of the host")]
    [InlineData("-HostNetwork -Network bridge", ErrorIds.ConflictingParameters, "bridge")]
    [InlineData("-Network NET, NET", ErrorIds.InvalidNetworkOption, "twice")]
    [InlineData("-IPAddress 10.78.0.5", ErrorIds.ConflictingParameters, "require a network")]
    [InlineData("-Network NET -IPAddress 10.99.0.5", ErrorIds.NetworkAddressOutside, "10.78.0.0/24")]
    [InlineData("-Network NET -IPAddress 10.78.0.1", ErrorIds.NetworkAddressInUse, "gateway")]
    [InlineData("-Network RANGE -IPAddress 10.78.8.9", ErrorIds.NetworkAddressOutside, "10.78.8.100 to")]
    [InlineData("-Network NET -IPAddress 10.78.0.255", ErrorIds.NetworkAddressOutside, "10.78.0.255")]
    [InlineData("-Network NET -IPAddress fd00::5", ErrorIds.InvalidNetworkOption, "IPv4")]
    [InlineData("-Network NET -IPv6Address fd00::5", ErrorIds.NetworkAddressOutside, "fd00::5")]
    [InlineData("-Network NET -MacAddress 01:00:5e:00:00:01", ErrorIds.InvalidNetworkOption, "hardware address")]
    [InlineData("-Network NET -NetworkAlias 'a b'", ErrorIds.InvalidNetworkOption, "a b")]
    [InlineData("-Network NET -Dns example.com", ErrorIds.InvalidNetworkOption, "example.com")]
    [InlineData("-Network NET -Publish 80:80, 80:81", ErrorIds.InvalidPortMapping, "twice")]
    [InlineData("-Network NET -Publish '[2001:db8::1]:80:80'", ErrorIds.NetworkPortsNotSupported, "IPv6")]
    [InlineData("-Network CLOSED -Publish 80:80", ErrorIds.NetworkPortsNotSupported, "internal")]
    [InlineData("-Network MISSING", ErrorIds.NetworkPluginMissing, "no-such-plugin")]
    [InlineData("-Network NET -Runtime io.containerd.kata.v2", ErrorIds.NetworkNotSupported, "kata")]
    [InlineData("-HostEntry a:host-gateway", ErrorIds.ConflictingParameters, "host-gateway")]
    [InlineData("-Publish '[::1]:80:80'", "CannotConvertArgumentNoMessage", "loopback")]
    [InlineData("-Publish http", "CannotConvertArgumentNoMessage", "'http'")]
    [InlineData("-HostEntry db", "CannotConvertArgumentNoMessage", "no address")]
    public void Bad_input_is_one_clear_error_before_anything_is_created(string parameters, string errorId, string text)
    {
        File.WriteAllText(
            Path.Combine(Directory.CreateDirectory(Configuration).FullName, "10-missing.conflist"),
            """{ "cniVersion": "1.0.0", "name": "missing", "plugins": [ { "type": "no-such-plugin" } ] }"""
        );
        _engine.Require(
            $"$null = New-CtrNetwork {_network} -Subnet 10.78.0.0/24; $null = New-CtrNetwork {_network}-i -Internal; $null = New-CtrNetwork {_network}-r -Subnet 10.78.8.0/24 -IPRange 10.78.8.100-10.78.8.110"
        );
        try
        {
            var names = parameters
                .Replace("CLOSED", _network + "-i", StringComparison.Ordinal)
                .Replace("RANGE", _network + "-r", StringComparison.Ordinal)
                .Replace("NET", _network, StringComparison.Ordinal)
                .Replace("MISSING", "missing", StringComparison.Ordinal);
            AssertError($"New-CtrContainer {_id} -Image {TestImages.Busybox} {names} {Idle}", errorId, text);
            Assert.Empty(_engine.Require("Get-CtrContainer"));
            Assert.Empty(_engine.Require("Get-CtrSnapshot | Where-Object Kind -EQ Active"));
        }
        finally
        {
            File.Delete(Path.Combine(Configuration, "10-missing.conflist"));
        }
    }

    [Theory]
    [InlineData("host", ErrorIds.InvalidNetworkName, "reserved")]
    [InlineData("container:x", ErrorIds.InvalidNetworkName, "reserved")]
    [InlineData("'a b'", ErrorIds.InvalidNetworkName, "'a b'")]
    [InlineData("../x", ErrorIds.InvalidNetworkName, "../x")]
    [InlineData("x -Subnet 10.4", ErrorIds.InvalidSubnet, "'10.4'")]
    [InlineData("x -Subnet 10.80.0.1/24", ErrorIds.InvalidSubnet, "10.80.0.0/24")]
    [InlineData("x -Subnet 10.80.0.0/32", ErrorIds.InvalidSubnet, "small")]
    [InlineData("x -Subnet 10.80.0.0/24, 10.81.0.0/24", ErrorIds.InvalidSubnet, "only one IPv4")]
    [InlineData("x -Subnet 10.80.0.0/24 -Gateway 10.81.0.1", ErrorIds.InvalidSubnet, "10.81.0.1")]
    [InlineData("x -Subnet 10.80.0.0/24 -IPRange 10.80.0.20-10.80.0.10", ErrorIds.InvalidSubnet, "before it begins")]
    [InlineData("x -Subnet 127.0.0.0/24", ErrorIds.InvalidSubnet, "loopback")]
    [InlineData("x -Subnet 10.79.0.0/16", ErrorIds.SubnetInUse, "10.79.4.0/24")]
    [InlineData("x -Mtu 10", ErrorIds.InvalidNetworkOption, "10")]
    [InlineData("x -Driver macvlan -Parent nosuch0", ErrorIds.InterfaceNotFound, "nosuch0")]
    [InlineData("x -Driver macvlan -Internal", ErrorIds.InvalidNetworkOption, "macvlan")]
    [InlineData("x -Parent lo", ErrorIds.InvalidNetworkOption, "bridge")]
    public void A_network_that_cannot_be_created_is_one_clear_error(string parameters, string errorId, string text)
    {
        _engine.Require($"$null = New-CtrNetwork {_network} -Subnet 10.79.4.0/24");
        AssertError($"New-CtrNetwork {parameters}", errorId, text);
        AssertError($"New-CtrNetwork {_network}", ErrorIds.NetworkExists, _network);
        Assert.Equal(_network, _engine.Require<CtrNetwork>("Get-CtrNetwork").Name);
    }

    [Fact]
    public void Networks_of_other_programs_are_listed_and_a_file_that_cannot_be_used_is_one_error()
    {
        Directory.CreateDirectory(Configuration);
        var (theirs, broken) = (Path.Combine(Configuration, "10-theirs.conflist"), Path.Combine(Configuration, "20-broken.conflist"));
        try
        {
            File.WriteAllText(
                theirs,
                """{ "cniVersion": "0.4.0", "name": "theirs", "plugins": [ { "type": "bridge", "bridge": "cni9", "ipam": { "type": "host-local", "subnet": "10.4.0.0/22" } } ] }"""
            );
            File.WriteAllText(broken, "{");
            _engine.Require($"$null = New-CtrNetwork {_network} -Confirm:$false");
            var listed = _engine.Invoke("Get-CtrNetwork");
            Assert.Equal([_network, "theirs"], listed.Output.Select(o => o.ToString()!).Order());
            var error = Assert.Single(listed.Errors);
            Assert.StartsWith(ErrorIds.NetworkConfigInvalid, error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains(broken, error.ToString(), StringComparison.Ordinal);
            // Its subnet is not used again.
            var own = _engine.Require<CtrNetwork>($"Get-CtrNetwork {_network}");
            Assert.DoesNotContain("10.4.1.", own.Subnets.Single(), StringComparison.Ordinal);
            Assert.Equal(("", "containerd-powershell"), (_engine.Require<CtrNetwork>("Get-CtrNetwork theirs").CreatedBy, own.CreatedBy));
            Assert.Contains(
                "theirs",
                string.Join(' ', _engine.Complete("New-CtrContainer x -Network th").Select(c => c.CompletionText)),
                StringComparison.Ordinal
            );
            // A pod of Kubernetes on the network of the module.
            _engine.Require($"New-CtrContainer {_id} -Image {TestImages.Busybox} {Idle} | Start-CtrTask");
            var results = Path.Combine(DataFolder, "networks", "cni", "results");
            Directory.CreateDirectory(results);
            var pod = Path.Combine(results, $"{_network}-pod-eth0");
            File.WriteAllText(
                pod,
                $$"""{ "kind": "cniCacheV1", "containerId": "pod", "ifName": "eth0", "networkName": "{{_network}}", "config": "", "netns": "/proc/{{_engine.Require<CtrTask>($"Get-CtrTask {_id}").Pid}}/ns/net" }"""
            );
            AssertError($"Remove-CtrNetwork {_network}", ErrorIds.NetworkInUse, "pod (another program)");
            Assert.Empty(_engine.Invoke("Clear-CtrNetwork -Confirm:$false").Output);
            _engine.Require($"Remove-CtrContainer {_id} -Force");
            // It does not run any more.
            // Clear removes neither.
            Assert.Equal(_network, Assert.Single(_engine.Invoke("Clear-CtrNetwork -Confirm:$false").Output).ToString());
            Assert.True(File.Exists(theirs));
        }
        finally
        {
            File.Delete(theirs);
            File.Delete(broken);
        }
    }

    [Fact]
    public void A_port_that_is_in_use_is_an_error_of_the_start_and_the_container_can_start_later()
    {
        var second = PrivateDaemon.Unique("c");
        _engine.Require($"New-CtrContainer {_id}, {second} -Image {TestImages.Busybox} -Publish 7000:7000 {Idle}; Start-CtrTask {_id}");
        AssertError($"Start-CtrTask {second}", ErrorIds.PortInUse, "7000");
        _engine.Require($"Stop-CtrTask {_id} -Timeout 0; Start-CtrTask {second}");
    }

    [Fact]
    public async Task A_container_with_a_network_is_restored_from_a_checkpoint_under_a_new_id_with_its_address()
    {
        Assert.SkipWhen(await Criu.FailureAsync() is not null, "CRIU does not work on this machine.");
        var (folder, restored) = (Directory.CreateTempSubdirectory("containerd-net-").FullName, PrivateDaemon.Unique("c"));
        try
        {
            _engine.Require(
                $"$null = New-CtrNetwork {_network}; $null = New-CtrContainer {PrivateDaemon.Unique("c")} -Image {TestImages.Busybox} -Network {_network} {Idle} | Start-CtrTask; "
                    + $"New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_network} -Publish 7100:80 -NetworkAlias saved {Idle} | Start-CtrTask"
            );
            var before = _engine.Require<CtrContainer>($"Get-CtrContainer {_id}");
            _engine.Require($"$null = Checkpoint-CtrTask {_id} {folder}/saved -Exit; Remove-CtrContainer {_id} -Force");
            _engine.Require($"$null = Restore-CtrContainer {folder}/saved -Id {restored}");
            var after = _engine.Require<CtrContainer>($"Get-CtrContainer {restored}");
            Assert.Equal(before.Networks.Single().IPAddresses, after.Networks.Single().IPAddresses);
            Assert.Equal(["saved"], after.Networks.Single().Aliases);
            Assert.Equal("7100:80/tcp", after.Ports.Single().ToString());
            Assert.Single(after.Spec!.Hooks!.Poststop!);
            Assert.Contains(
                after.Networks.Single().IPAddresses.Single(),
                string.Join('\n', _engine.Require($"Invoke-CtrExec {restored} -- ip addr")),
                StringComparison.Ordinal
            );
            Assert.Contains(
                restored,
                string.Join('\n', _engine.Require($"Invoke-CtrExec {restored} -- cat /etc/hosts")),
                StringComparison.Ordinal
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void AssertError(string script, string errorId, string text)
    {
        var done = _engine.Invoke(script);
        var error = done.Exception is RuntimeException exception ? exception.ErrorRecord : Assert.Single(done.Errors);
        Assert.Equal(errorId, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(text, error.ToString(), StringComparison.Ordinal);
    }
}
