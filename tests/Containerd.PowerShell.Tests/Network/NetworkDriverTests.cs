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
    public async Task Containers_of_a_macvlan_network_reach_each_other_and_removal_leaves_nothing()
    {
        const string Parent = "uplink0";
        await fixture.RunAsync(
            "sh",
            "-c",
            $"ip link add {Parent} type veth peer name {Parent}p && ip link set {Parent} up && ip link set {Parent}p up"
        );
        var before = await fixture.RunAsync("ip", "-br", "link");
        _engine.Require($"$null = New-CtrNetwork {_network} -Driver macvlan -Parent {Parent} -Subnet 10.78.0.0/24");
        Start(_first, _second);
        Assert.Contains("1 packets received", Ping(_first, _second), StringComparison.Ordinal);
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
