namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>A network of ipvlan, whose interfaces not every kernel has: that of the virtual machine has them.</summary>
public sealed class IpvlanTests(VmFixture fixture) : VmTest(fixture)
{
    private const string Network = "ipvlan";
    private const string Parent = "uplink0";

    [Fact]
    public async Task Containers_of_an_ipvlan_network_reach_each_other_and_a_host_beside_their_parent()
    {
        var networks = new NetworksInside(Machine, Engine, Namespace);
        await networks.InstallAsync();
        await networks.WriteAsync(
            new()
            {
                Driver = "ipvlan",
                Name = Network,
                HostInterface = Parent,
                Subnets = [new() { Subnet = "10.88.20.0/24" }],
                Mtu = 1400,
            }
        );
        // The other end of the parent is a host on the same switch.
        await Machine.RunScriptAsync(
            $"""
            ip link add {Parent} type veth peer name {Parent}p
            ip link set {Parent} up
            ip link set {Parent}p up
            ip addr add 10.88.20.200/24 dev {Parent}p
            """
        );
        var pids = new Dictionary<string, int>();
        foreach (var id in new[] { Id + "a", Id + "b" })
        {
            networks.Create(id, Busybox, Network, "sleep 1000", []);
            pids[id] = (int)Engine.Require<CtrTask>($"Start-CtrTask {id} -NoLog -WarningAction Ignore").Pid;
        }

        var link = await InsideAsync(pids[Id + "a"], "ip -d link show eth0");
        Assert.Contains("ipvlan", link, StringComparison.Ordinal);
        Assert.Contains("mtu 1400", link, StringComparison.Ordinal);
        var other = (await InsideAsync(pids[Id + "b"], "ip -br -4 addr show eth0")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
        Assert.StartsWith("10.88.20.", other, StringComparison.Ordinal);
        foreach (var address in new[] { other.Split('/')[0], "10.88.20.200" })
            Assert.Contains(
                "1 packets received",
                await InsideAsync(pids[Id + "a"], $"busybox ping -c 1 -W 10 {address}"),
                StringComparison.Ordinal
            );

        Engine.Require($"Remove-CtrContainer {Id}a, {Id}b -Force");
        Assert.DoesNotContain("ipvlan", await Machine.RunScriptAsync("ip -d link"), StringComparison.Ordinal);
        await Machine.RunScriptAsync($"ip link del {Parent}");
    }

    private Task<string> InsideAsync(int pid, string command) => Machine.RunScriptAsync($"nsenter -t {pid} -n {command}");
}
