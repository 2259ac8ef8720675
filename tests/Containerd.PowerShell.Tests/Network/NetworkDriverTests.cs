using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>What the drivers and the restrictions of networks do to packets.</summary>
public sealed class NetworkDriverTests(NetworkDaemon fixture) : IClassFixture<NetworkDaemon>, IDisposable
{
    private readonly Engine _engine = fixture.Open("default");
    private readonly string _first = PrivateDaemon.Unique("c");
    private readonly string _second = PrivateDaemon.Unique("c");
    private readonly string _network = PrivateDaemon.Unique("n");

    public void Dispose()
    {
        _engine.Invoke("Get-CtrContainer | Remove-CtrContainer -Force; Get-CtrNetwork | Remove-CtrNetwork");
        _engine.Dispose();
    }

    [Fact]
    public async Task Containers_of_a_macvlan_network_reach_each_other_and_a_host_beside_their_parent_and_removal_leaves_nothing()
    {
        const string Parent = "uplink0";
        await fixture.RunAsync(
            "sh",
            "-c",
            $"ip link add {Parent} type veth peer name {Parent}p && ip link set {Parent} up && ip link set {Parent}p up"
        );
        var before = await fixture.RunAsync("ip", "-br", "link");
        _engine.Require($"$null = New-CtrNetwork {_network} -Driver macvlan -Parent {Parent} -Subnet 10.78.0.0/24, fd00:78::/64 -Mtu 1400");
        // The other end of the parent is a host on the same switch from now on.
        await fixture.RunAsync("sh", "-c", $"ip addr add 10.78.0.200/24 dev {Parent}p && ip addr add fd00:78::200/64 dev {Parent}p nodad");
        Start(_first);
        _engine.Require(
            $"New-CtrContainer {_second} -Image {TestImages.Busybox} -Network {_network} -IPAddress 10.78.0.50 -IPv6Address fd00:78::50 "
                + "-- sleep 1000 | Start-CtrTask"
        );
        Assert.Equal(
            ["10.78.0.50", "fd00:78::50"],
            _engine.Require<CtrContainer>($"Get-CtrContainer {_second}").Networks.Single().IPAddresses
        );
        Assert.Contains("1 packets received", Ping(_first, _second), StringComparison.Ordinal);
        foreach (var peer in new[] { "10.78.0.200", "fd00:78::200" })
            Assert.Contains("1 packets received", Ping(_second, peer), StringComparison.Ordinal);
        Assert.Equal("1400", Run(_second, "cat /sys/class/net/eth0/mtu"));
        var pid = _engine.Require<CtrTask>($"Get-CtrTask {_first}").Pid;
        Assert.Contains(
            "macvlan",
            await Shell.RunAsync("nsenter", "--target", $"{pid}", "--net", "--", "ip", "-d", "link", "show", "eth0"),
            StringComparison.Ordinal
        );

        _engine.Require($"Remove-CtrContainer {_first}, {_second} -Force; Remove-CtrNetwork {_network}");
        Assert.Equal(before, await fixture.RunAsync("ip", "-br", "link"));
        await fixture.RunAsync("ip", "link", "del", Parent);
    }

    [Fact]
    public void Several_networks_are_interfaces_in_the_given_order_each_with_its_own_addresses_and_MTU()
    {
        string[] networks = [$"{_network}-z", $"{_network}-a", $"{_network}-m"];
        _engine.Require(
            $"$null = New-CtrNetwork {networks[0]} -Subnet 10.79.1.0/24, fd00:79:1::/64 -Mtu 1300; "
                + $"$null = New-CtrNetwork {networks[1]} -Subnet 10.79.2.0/24 -Mtu 1400; "
                + $"$null = New-CtrNetwork {networks[2]} -Subnet 10.79.3.0/24 -Internal"
        );
        var created =
            $"New-CtrContainer {_first} -Image {TestImages.Busybox} -Network {string.Join(", ", networks)} "
            + "-IPAddress 10.79.1.77 -IPv6Address fd00:79:1::77 -- sleep 1000";
        _engine.Require($"{created} | Start-CtrTask");
        var attached = _engine.Require<CtrContainer>($"Get-CtrContainer {_first}").Networks;
        Assert.Equal(
            [$"eth0 {networks[0]} 10.79.1.77 fd00:79:1::77", $"eth1 {networks[1]} 10.79.2.2", $"eth2 {networks[2]} 10.79.3.2"],
            attached.Select(n => $"{n.Interface} {n.Network} {string.Join(' ', n.IPAddresses)}")
        );
        Assert.Equal("1300\n1400\n1500", Run(_first, "cat /sys/class/net/eth[0-2]/mtu"));
        Assert.StartsWith("default via 10.79.1.1 dev eth0", Run(_first, "ip route | grep default"), StringComparison.Ordinal);
        Assert.Contains("default via fd00:79:1::1 dev eth0", Run(_first, "ip -6 route"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_of_an_internal_network_has_no_way_out()
    {
        _engine.Require($"$null = New-CtrNetwork {_network} -Internal");
        Start(_first, _second);
        Assert.Contains("1 packets received", Ping(_first, _second), StringComparison.Ordinal);
        Assert.DoesNotContain("default", Run(_first, "ip route"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_of_an_isolated_network_do_not_reach_each_other()
    {
        // The plugin firewall can do that since version 1.7.
        var error = _engine.Invoke($"New-CtrNetwork {_network} -Isolated").Error;
        Assert.StartsWith(ErrorIds.NetworkNotSupported, error.FullyQualifiedErrorId, StringComparison.Ordinal);

        var plugins = (await Shell.RunAsync(Repository.Fixture("debian-plugins.sh"), "sid")).Trim();
        var run = await HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            $null = Connect-CtrSession '{{fixture.Daemon.Address}}' -Namespace default
            $null = New-CtrNetwork {{_network}} -Isolated
            foreach ($id in '{{_first}}', '{{_second}}') {
                $null = New-CtrContainer $id -Image {{TestImages.Busybox}} -Network {{_network}} -- httpd -f -p 80 -h /etc | Start-CtrTask
            }
            Say Isolated (Get-CtrNetwork {{_network}}).Isolated
            """,
            new Dictionary<string, string?> { ["CNI_PATH"] = plugins }
        );
        Assert.Equal("True", run["Isolated"]);
        Assert.Contains(" 0 packets received", Ping(_first, _second), StringComparison.Ordinal);
        var address = _engine.Require<CtrContainer>($"Get-CtrContainer {_second}").Networks.Single().IPAddresses.Single();
        Assert.Equal($"{_second}\n", await fixture.RunAsync("busybox", "wget", "-qO-", $"http://{address}/hostname"));
    }

    private void Start(params string[] ids)
    {
        foreach (var id in ids)
            _engine.Require($"New-CtrContainer {id} -Image {TestImages.Busybox} -Network {_network} -- sleep 1000 | Start-CtrTask");
    }

    private string Ping(string from, string to) => Run(from, $"ping -c 1 -W 3 {to}; true");

    private string Run(string id, string command) =>
        string.Join('\n', _engine.Require($"Invoke-CtrExec {id} -- sh -c '{command}'").Select(line => line.ToString()));
}
