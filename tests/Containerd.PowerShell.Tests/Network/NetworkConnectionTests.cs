using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>Existing containers are connected to networks and disconnected, on a daemon.</summary>
public sealed class NetworkConnectionTests(NetworkDaemon fixture) : IClassFixture<NetworkDaemon>, IDisposable
{
    private const string Idle = "-- sleep 1000";
    private readonly Engine _engine = fixture.Open("default");
    private readonly string _id = PrivateDaemon.Unique("c");
    private readonly string _other = PrivateDaemon.Unique("o");
    private readonly string _front = PrivateDaemon.Unique("front");
    private readonly string _back = PrivateDaemon.Unique("back");

    private string Configuration => Path.Combine(fixture.Daemon.Daemon.Path, "networks", "net.d");

    public void Dispose()
    {
        _engine.Invoke("Get-CtrContainer | Remove-CtrContainer -Force; Get-CtrNetwork | Remove-CtrNetwork");
        _engine.Dispose();
    }

    [Fact]
    public async Task A_running_container_is_connected_and_disconnected_and_a_restart_keeps_its_networks()
    {
        // The second network is one of another program.
        Directory.CreateDirectory(Configuration);
        await File.WriteAllTextAsync(
            Path.Combine(Configuration, "10-theirs.conflist"),
            $$"""
            { "cniVersion": "0.4.0", "name": "{{_back}}", "plugins": [
              { "type": "bridge", "bridge": "cni9", "isGateway": true, "ipMasq": true,
                "ipam": { "type": "host-local", "subnet": "10.93.0.0/24", "routes": [ { "dst": "0.0.0.0/0" } ],
                          "dataDir": "{{fixture.Daemon.Daemon.Path}}/theirs" } },
              { "type": "portmap", "capabilities": { "portMappings": true } } ] }
            """
        );
        _engine.Require(
            $"$null = New-CtrNetwork {_front} -Subnet 10.92.0.0/24; "
                + $"New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_front} -Publish 8092:80 -- httpd -f -p 80 -h /etc | Start-CtrTask; "
                + $"New-CtrContainer {_other} -Image {TestImages.Busybox} -Network {_back} {Idle} | Start-CtrTask"
        );
        Assert.Equal($"{_id}\n", await FetchAsync());
        var connected = _engine.Require<CtrContainer>(
            $"Connect-CtrNetwork {_id} {_back} -NetworkAlias shop -MacAddress 02:42:0a:5d:00:32 -PassThru"
        );
        Assert.Equal([_front, _back], connected.Networks.Select(n => n.Network));
        var (front, back) = (connected.Networks[0].IPAddresses.Single(), connected.Networks[1].IPAddresses.Single());
        Assert.Equal(("eth1", "02:42:0a:5d:00:32"), (connected.Networks[1].Interface, connected.Networks[1].MacAddress));
        Assert.Contains($"{_back}/eth1={back}", connected.Labels["containerd-powershell/addresses"], StringComparison.Ordinal);
        foreach (var name in new[] { _id, "shop" })
            Assert.Contains("1 packets received", Run(_other, $"ping -c 1 -W 5 {name}"), StringComparison.Ordinal);
        Assert.Contains("1 packets received", Run(_id, $"ping -c 1 -W 5 {_other}"), StringComparison.Ordinal);
        Assert.Equal("default via 10.92.0.1 dev eth0", Run(_id, "ip route | grep default").Trim());
        Assert.Equal($"{_id}\n", await FetchAsync());
        AssertError($"Remove-CtrNetwork {_back}", ErrorIds.NetworkInUse, _id);

        // The next start has both, with the same addresses.
        _engine.Require($"Stop-CtrTask {_id} -Timeout 0; Start-CtrTask {_id}");
        var restarted = _engine.Require<CtrContainer>($"Get-CtrContainer {_id}");
        Assert.Equal([front, back], restarted.Networks.Select(n => n.IPAddresses.Single()));

        // Disconnected from the first, also at the next start.
        _engine.Require($"(Get-CtrContainer {_id}).Networks[0] | Disconnect-CtrNetwork");
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal($"{_id}\n", await FetchAsync());
            Assert.Equal("default via 10.93.0.1 dev eth1", Run(_id, "ip route | grep default").Trim());
            Assert.Equal(back, Assert.Single(_engine.Require<CtrContainer>($"Get-CtrContainer {_id}").Networks).IPAddresses.Single());
            Assert.DoesNotContain(front, Run(_id, "cat /etc/hosts; ip addr"), StringComparison.Ordinal);
            if (i == 0)
                _engine.Require($"Stop-CtrTask {_id} -Timeout 0; Start-CtrTask {_id}");
        }

        _engine.Require($"Remove-CtrNetwork {_front}; Get-CtrContainer | Remove-CtrContainer -Force");
        Assert.DoesNotContain("DNAT --to-destination", await fixture.RunAsync("iptables-save"), StringComparison.Ordinal);
        File.Delete(Path.Combine(Configuration, "10-theirs.conflist"));
    }

    [Fact]
    public async Task A_stopped_container_has_its_networks_at_the_next_start_and_changes_at_the_same_time_are_all_kept()
    {
        var all = Enumerable.Range(0, 2).Select(number => $"{_back}-{number}").ToList();
        _engine.Require(
            $"$null = New-CtrNetwork {_front}, {string.Join(", ", all)}; $null = New-CtrContainer {_id}, {_other} -Image {TestImages.Busybox} -Network {_front} {Idle}; Start-CtrTask {_other}"
        );
        // Several clients, for one container that runs and one that does not.
        await Task.WhenAll(
            all.Select(network =>
                Task.Run(() =>
                {
                    using var engine = fixture.Open("default");
                    engine.Require($"Connect-CtrNetwork {_id}, {_other} {network}");
                })
            )
        );
        foreach (var id in new[] { _id, _other })
        {
            var container = _engine.Require<CtrContainer>($"Get-CtrContainer {id}");
            Assert.Equal(all.Prepend(_front).Order(), container.Networks.Select(n => n.Network).Order());
            Assert.Equal(3, container.Networks.Select(n => n.Interface).Distinct().Count());
        }

        // By name of the network in the pipeline, and all networks at once.
        _engine.Require($"Get-CtrNetwork {_front} | Disconnect-CtrNetwork {_id}; Disconnect-CtrNetwork {_id} {string.Join(", ", all)}");
        Assert.Empty(_engine.Require<CtrContainer>($"Get-CtrContainer {_id}").Networks);
        _engine.Require($"Start-CtrTask {_id}; Get-CtrContainer {_id} | Connect-CtrNetwork {_front}");
        Assert.Contains(
            _engine.Require<CtrContainer>($"Get-CtrContainer {_id}").Networks.Single().IPAddresses.Single(),
            Run(_id, "ip addr"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_cannot_be_connected_is_one_clear_error_and_changes_nothing()
    {
        var (host, none, shared, copy) = ($"{_id}-h", $"{_id}-n", $"{_id}-s", $"{_id}-x");
        _engine.Require(
            $"$null = New-CtrNetwork {_front} -Subnet 10.94.0.0/24; $null = New-CtrNetwork {_back} -Internal; "
                + $"$null = New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_front} -Publish 8094:80 {Idle} | Start-CtrTask; "
                + $"$null = New-CtrContainer {host} -Image {TestImages.Busybox} -Network host {Idle}; $null = New-CtrContainer {none} -Image {TestImages.Busybox} {Idle}; "
                + $"$null = New-CtrContainer {shared} -Image {TestImages.Busybox} -Network container:{_id} {Idle}; "
                + $"$spec = (Get-CtrContainer {_id}).Spec; $spec.Hooks = $null; $null = New-CtrContainer {copy} -Image {TestImages.Busybox} -Spec $spec -Label nerdctl/networks='[\"bridge\"]'"
        );
        var before = Json();
        foreach (
            var (script, id, text) in new[]
            {
                ($"Connect-CtrNetwork {host} {_back}", ErrorIds.NetworkNotSupported, "network of the host"),
                ($"Connect-CtrNetwork {none} {_back}", ErrorIds.NetworkNotSupported, "without a network"),
                ($"Connect-CtrNetwork {shared} {_back}", ErrorIds.NetworkNotSupported, $"of container '{_id}'"),
                ($"Disconnect-CtrNetwork {copy} {_front}", ErrorIds.NetworkNotSupported, "cannot be changed"),
                ($"Connect-CtrNetwork {_id} {_front}", ErrorIds.NetworkConnected, "already"),
                ($"Connect-CtrNetwork {_id} host", ErrorIds.InvalidNetworkOption, "'host'"),
                ($"Connect-CtrNetwork {_id} container:{none}", ErrorIds.InvalidNetworkOption, "container:"),
                ($"Connect-CtrNetwork {_id} nowhere", ErrorIds.NetworkNotFound, "nowhere"),
                ($"Connect-CtrNetwork {_front} {_id}", ErrorIds.ContainerNotFound, _front),
                ($"Connect-CtrNetwork {_id} {_back} -IPAddress 10.99.0.5", ErrorIds.NetworkAddressOutside, "10.99.0.5"),
                ($"Connect-CtrNetwork {_id} {_back} -IPAddress fd00::1", ErrorIds.InvalidNetworkOption, "IPv4"),
                ($"Connect-CtrNetwork {_id} {_back} -MacAddress 01:00:5e:00:00:01", ErrorIds.InvalidNetworkOption, "hardware address"),
                ($"Connect-CtrNetwork {_id} {_back} -NetworkAlias 'a b'", ErrorIds.InvalidNetworkOption, "a b"),
                ($"Disconnect-CtrNetwork {_id} {_back}", ErrorIds.NetworkNotConnected, _back),
                ($"Disconnect-CtrNetwork {_id} {_front}", ErrorIds.NetworkPublishesPorts, "publishes ports"),
            }
        )
            AssertError(script, id, text);
        _engine.Require($"Connect-CtrNetwork {_id} {_back} -WhatIf; Get-CtrNetwork {_front} | Disconnect-CtrNetwork {_id} -Force -WhatIf");
        Assert.Equal(before, Json());
        // The internal network cannot publish ports.
        _engine.Require($"Connect-CtrNetwork {_id} {_back}");
        AssertError($"Disconnect-CtrNetwork {_id} {_front}", ErrorIds.NetworkPublishesPorts, "publishes ports");
        var left = _engine.Require<CtrContainer>($"Disconnect-CtrNetwork {_id} {_front} -Force -PassThru");
        Assert.Empty(left.Ports);
        Assert.DoesNotContain("containerd-powershell/ports", left.Labels.Keys);
        Assert.Equal("", Run(_id, "ip route | grep default || true").Trim());

        string Json() => string.Join('\n', _engine.Require($"(Get-CtrContainer).Spec | ForEach-Object {{ $_.ToJson($false) }}"));
    }

    private Task<string> FetchAsync() =>
        fixture.RunAsync(
            "busybox",
            "sh",
            "-c",
            "for i in $(seq 100); do wget -qO- http://127.0.0.1:8092/hostname && exit 0; sleep 0.05; done; exit 1"
        );

    private string Run(string id, string command) =>
        string.Join('\n', _engine.Require($"Invoke-CtrExec {id} -- sh -c '{command}'").Select(line => line.ToString()));

    private void AssertError(string script, string errorId, string text)
    {
        var done = _engine.Invoke(script);
        var error = done.Exception is RuntimeException exception ? exception.ErrorRecord : Assert.Single(done.Errors);
        Assert.Equal($"{script}: {errorId}", $"{script}: {error.FullyQualifiedErrorId.Split(',')[0]}");
        Assert.Contains(text, error.ToString(), StringComparison.Ordinal);
    }
}
