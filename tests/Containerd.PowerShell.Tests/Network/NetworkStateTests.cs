using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>What can be seen of networks: published ports, traffic, and findings of Test-CtrNetwork, on a daemon.</summary>
public sealed class NetworkStateTests(NetworkDaemon fixture) : IClassFixture<NetworkDaemon>, IDisposable
{
    private const string Idle = "-- sleep 1000";
    private readonly Engine _engine = fixture.Open("default");
    private readonly string _id = PrivateDaemon.Unique("c");
    private readonly string _other = PrivateDaemon.Unique("o");
    private readonly string _network = PrivateDaemon.Unique("n");

    private string Configuration => Path.Combine(fixture.Daemon.Daemon.Path, "networks", "net.d");

    public void Dispose()
    {
        _engine.Invoke(
            "Get-CtrContainer | Remove-CtrContainer -Force; Get-CtrNetwork | Remove-CtrNetwork; Clear-CtrNetwork -Confirm:$false"
        );
        _engine.Dispose();
    }

    [Fact]
    public void Published_ports_are_listed_one_by_one()
    {
        _engine.Require(
            $"$null = New-CtrContainer {_id} -Image {TestImages.Busybox} -Publish 8101:80, 127.0.0.1:8102-8103:90-91/udp {Idle}; "
                + $"$null = New-CtrContainer {_other} -Image {TestImages.Busybox} -Publish 81 {Idle}; $null = New-CtrContainer {_id}-none -Image {TestImages.Busybox} {Idle}"
        );
        string[] expected = ["8101:80/tcp", "127.0.0.1:8102:90/udp", "127.0.0.1:8103:91/udp"];
        foreach (var script in new[] { $"Get-CtrPort {_id}", $"Get-CtrContainer {_id} | Get-CtrPort", $"Get-CtrPort {_id}*" })
            Assert.Equal(expected, _engine.Require(script).Select(p => p.ToString()));
        Assert.Equal(4, _engine.Require("Get-CtrPort").Count);
        Assert.Equal(_id, _engine.Require<CtrContainer>("Get-CtrPort -HostPort 8103 | Get-CtrContainer").ContainerId);
        Assert.InRange(_engine.Require<CtrPort>($"Get-CtrPort {_other}").HostPort, 49152, 65535);
        Assert.StartsWith(
            ErrorIds.ContainerNotFound,
            _engine.Invoke("Get-CtrPort nobody").Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_traffic_is_that_of_all_interfaces()
    {
        _engine.Require(
            $"$null = New-CtrNetwork {_network}, {_network}-2; New-CtrContainer {_id}, {_other} -Image {TestImages.Busybox} -Network {_network}, {_network}-2 {Idle} | Start-CtrTask"
        );
        var addresses = _engine.Require<CtrContainer>($"Get-CtrContainer {_other}").Networks.Select(n => n.IPAddresses.Single());
        foreach (var address in addresses)
            _engine.Require($"Invoke-CtrExec {_id} -- ping -c 3 -s 1000 -i 0.1 {address}");
        var stats = _engine.Require<CtrStats>($"Get-CtrStats {_id}");
        Assert.Equal(["eth0", "eth1"], stats.Networks!.Select(n => n.Name).Order());
        Assert.All(stats.Networks!, n => Assert.InRange(n.TxBytes!.Value, 3000, long.MaxValue));
        Assert.Equal(stats.Networks!.Sum(n => n.TxBytes), stats.NetworkTx);
        Assert.Equal(stats.Networks!.Sum(n => n.RxBytes), stats.NetworkRx);
    }

    [Fact]
    public async Task Each_problem_is_one_finding_with_what_to_do()
    {
        _engine.Require(
            $"$null = New-CtrNetwork {_network} -Subnet 10.95.0.0/24; New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_network} {Idle} | Start-CtrTask; "
                + $"$null = New-CtrContainer {_other} -Image {TestImages.Busybox} -Network {_network} {Idle}"
        );
        Assert.Empty(_engine.Require("Test-CtrNetwork"));
        Assert.True(_engine.Require<bool>("Test-CtrNetwork -Quiet"));
        var pid = _engine.Require<CtrTask>($"Get-CtrTask {_id}").Pid;
        string Of(string name) => Path.Combine(Configuration, name);
        string[] files = ["20-broken.conflist", "21-missing.conflist", "22-same.conflist"];
        try
        {
            await File.WriteAllTextAsync(Of(files[0]), "{");
            await File.WriteAllTextAsync(
                Of(files[1]),
                """{ "cniVersion": "1.0.0", "name": "missing", "plugins": [ { "type": "no-such-plugin" } ] }"""
            );
            await File.WriteAllTextAsync(
                Of(files[2]),
                """{ "cniVersion": "1.0.0", "name": "same", "plugins": [ { "type": "bridge", "bridge": "cni8", "ipam": { "type": "host-local", "subnet": "10.95.0.128/25" } } ] }"""
            );
            // A network of the host, and packets that are not forwarded.
            await fixture.RunAsync("ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1");
            await fixture.RunAsync("ip", "addr", "add", "10.95.0.1/16", "dev", "lan0");
            await fixture.RunAsync("sh", "-c", "ip link set lan0 up; ip link set lan1 up");
            await fixture.RunAsync("sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward");
            var findings = Findings("Test-CtrNetwork");
            Assert.Equal(
                [
                    $"ConfigInvalid {Of(files[0])}",
                    "ForwardingOff net.ipv4.ip_forward",
                    "PluginMissing missing",
                    $"SubnetConflict {_network}",
                    "SubnetConflict same",
                    "SubnetConflict same",
                ],
                findings.Order(StringComparer.Ordinal)
            );
            Assert.Equal(["PluginMissing missing"], Findings("Test-CtrNetwork missing"));
            Assert.False(_engine.Require<bool>("Test-CtrNetwork missing -Quiet"));
            Assert.Empty(_engine.Require("Test-CtrNetwork | Where-Object { -not $_.Remedy -or -not $_.Message }"));
            Assert.StartsWith(
                ErrorIds.NetworkNotFound,
                _engine.Invoke("Test-CtrNetwork nowhere").Error.FullyQualifiedErrorId,
                StringComparison.Ordinal
            );
        }
        finally
        {
            foreach (var file in files)
                File.Delete(Of(file));
            await fixture.RunAsync("sh", "-c", "ip link del lan0; echo 1 > /proc/sys/net/ipv4/ip_forward");
        }

        // A network that another program removed, and a container whose hook cannot run.
        var path = _engine.Require<CtrNetwork>($"Get-CtrNetwork {_network}").Path;
        File.Move(path, path + ".away");
        Assert.Equal([$"NetworkMissing {_id}", $"NetworkMissing {_other}"], Findings("Test-CtrNetwork").Order(StringComparer.Ordinal));
        Assert.Contains(
            $"Disconnect-CtrNetwork {_id} {_network}",
            _engine.Require<string>($"(Test-CtrNetwork {_network})[0].Remedy + (Test-CtrNetwork {_network})[1].Remedy"),
            StringComparison.Ordinal
        );
        File.Move(path + ".away", path);
        var helper = _engine.Require<CtrContainer>($"Get-CtrContainer {_id}").Spec!.Hooks!.Poststop!.Single().Path;
        File.Move(helper, helper + ".away");
        System.Diagnostics.Process.GetProcessById(pid).Kill();
        await Eventually.TrueAsync(() => _engine.Require<CtrTask>($"Get-CtrTask {_id}").Status == CtrStatus.Stopped);
        Assert.Contains("AttachmentLeft", string.Join(' ', Findings("Test-CtrNetwork")), StringComparison.Ordinal);
        _engine.Require("Clear-CtrNetwork -Confirm:$false");
        Assert.Empty(Findings("Test-CtrNetwork"));
    }

    [Fact]
    public async Task Published_ports_move_to_another_container_also_for_their_next_starts()
    {
        var server = "-- httpd -f -p 80 -h /etc";
        _engine.Require(
            $"$null = New-CtrNetwork {_network}; $null = New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_network} -Publish 8105:80 {server}; "
                + $"$null = New-CtrContainer {_other} -Image {TestImages.Busybox} -Network {_network} {server}; $null = Start-CtrTask {_id}"
        );
        await AnswersAsync(_id);
        foreach (
            var (script, errorId) in new[]
            {
                ($"Move-CtrPort {_id} {_other}", ErrorIds.TaskNotRunning),
                ($"Move-CtrPort {_other} {_id}", ErrorIds.InvalidNetworkOption),
                ($"Move-CtrPort {_id} {_id}", ErrorIds.InvalidNetworkOption),
                ($"Move-CtrPort {_id} nobody", ErrorIds.ContainerNotFound),
            }
        )
            Assert.Equal($"{script}: {errorId}", $"{script}: {_engine.Invoke(script).Error.FullyQualifiedErrorId.Split(',')[0]}");
        _engine.Require($"$null = Start-CtrTask {_other}; Move-CtrPort {_id} {_other} -WhatIf");
        await AnswersAsync(_id);
        Assert.Equal("8105:80/tcp", _engine.Require<CtrPort>($"Get-CtrContainer {_id} | Move-CtrPort {_other} -PassThru").ToString());
        await AnswersAsync(_other);
        Assert.Empty(_engine.Require($"Get-CtrPort {_id}"));
        _engine.Require($"Stop-CtrTask {_id}, {_other} -Timeout 0; $null = Start-CtrTask {_id}, {_other}");
        await AnswersAsync(_other);

        async Task AnswersAsync(string id) =>
            Assert.Equal(
                $"{id}\n",
                await fixture.RunAsync(
                    "sh",
                    "-c",
                    "for i in $(seq 100); do busybox wget -qO- http://127.0.0.1:8105/hostname && exit 0; sleep 0.05; done; exit 1"
                )
            );
    }

    [Fact]
    public async Task Ports_on_an_address_of_one_family_are_not_published_on_a_network_of_the_other()
    {
        _engine.Require(
            $"$null = New-CtrNetwork {_network}; $null = New-CtrNetwork {_network}-6 -IPv6; "
                + $"$null = New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_network}-6, {_network} -Publish '[fd00:99::1]:8107:80' {Idle} | Start-CtrTask; "
                + $"$null = New-CtrContainer {_other} -Image {TestImages.Busybox} -Network {_network} {Idle} | Start-CtrTask"
        );
        var before = await fixture.RunAsync("ip6tables-save", "-t", "nat");
        foreach (
            var (script, errorId) in new[]
            {
                (
                    $"New-CtrContainer {_id}-x -Image {TestImages.Busybox} -Network {_network} -Publish '[fd00:99::1]:8108:80'",
                    ErrorIds.NetworkPortsNotSupported
                ),
                ($"Disconnect-CtrNetwork {_id} {_network}-6", ErrorIds.NetworkPublishesPorts),
                ($"Move-CtrPort {_id} {_other}", ErrorIds.NetworkPortsNotSupported),
            }
        )
            Assert.Equal($"{script}: {errorId}", $"{script}: {_engine.Invoke(script).Error.FullyQualifiedErrorId.Split(',')[0]}");
        Assert.Empty(_engine.Require($"Get-CtrContainer {_id}-x*"));
        Assert.Contains("8107", before, StringComparison.Ordinal);
        Assert.Equal("[fd00:99::1]:8107:80/tcp", _engine.Require<CtrPort>("Get-CtrPort").ToString());
        // Connected to one that has both families, it can.
        _engine.Require($"Connect-CtrNetwork {_other} {_network}-6; Move-CtrPort {_id} {_other}");
        Assert.Equal(_other, _engine.Require<CtrPort>("Get-CtrPort").ContainerId);
    }

    [Fact]
    public async Task A_network_of_another_containerd_namespace_is_not_missing()
    {
        var other = PrivateDaemon.Unique("ns");
        using (var engine = fixture.Open(other))
            engine.Require(
                $"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; $null = New-CtrNetwork {_network}; "
                    + $"$null = New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_network} {Idle}"
            );
        // By another path of its socket, the daemon is one whose networks are those of the machine.
        var folder = Directory.CreateTempSubdirectory("containerd-machine-").FullName;
        try
        {
            File.CreateSymbolicLink(Path.Combine(folder, "other.sock"), fixture.Daemon.SocketPath);
            var own = Directory.CreateDirectory(Path.Combine(folder, "net.d", other)).FullName;
            File.Copy(Directory.GetFiles(Configuration, $"*{_network}*").Single(), Path.Combine(own, "own.conflist"));
            var run = await HostProcess.RunBesideMountsAsync(
                "mkdir -p /var/lib/containerd-powershell; mount -t tmpfs -o mode=755 tmpfs /var/lib/containerd-powershell",
                $$"""
                $env:NETCONFPATH = '{{folder}}/net.d'
                $null = Connect-CtrSession unix://{{folder}}/other.sock -Namespace default
                Say Before @(Test-CtrNetwork | Where-Object Kind -eq NetworkMissing).Count
                [System.IO.Directory]::Delete('{{own}}', $true)
                Say After @(Test-CtrNetwork | Where-Object Kind -eq NetworkMissing).Count
                """
            );
            Assert.Equal(("0", "1"), (run["Before"], run["After"]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            using var engine = fixture.Open(other);
            engine.Require("Get-CtrContainer | Remove-CtrContainer -Force; Get-CtrImage | Remove-CtrImage");
        }
    }

    [Fact]
    public async Task Rules_that_cannot_be_examined_are_a_finding()
    {
        _engine.Require(
            $"$null = New-CtrNetwork {_network}; New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_network} {Idle} | Start-CtrTask"
        );
        var results = Path.Combine(fixture.Daemon.Daemon.Path, "networks", "cni", "results");
        var file = Directory.GetFiles(results, $"{_network}-*").Single();
        var content = await File.ReadAllTextAsync(file);
        var root = System.Text.Json.Nodes.JsonNode.Parse(content)!;
        root["config"] = Convert.ToBase64String("{"u8);
        await File.WriteAllTextAsync(file, root.ToJsonString());
        Assert.StartsWith("RulesUnknown", Assert.Single(Findings("Test-CtrNetwork")), StringComparison.Ordinal);
        Assert.NotEmpty(_engine.Require<string>("(Test-CtrNetwork).Remedy"));
        await File.WriteAllTextAsync(file, content);
        Assert.Empty(Findings("Test-CtrNetwork"));
    }

    [Fact]
    public async Task Without_networks_missing_plugins_are_a_finding_that_names_the_package()
    {
        var run = await HostProcess.RunAsync(
            $"$null = Connect-CtrSession {fixture.Daemon.Address}; Test-CtrNetwork | ForEach-Object {{ $_.Kind; $_.Message; $_.Remedy }}",
            new Dictionary<string, string?> { ["CNI_PATH"] = "/nowhere" }
        );
        Assert.StartsWith("PluginMissing", run.Output, StringComparison.Ordinal);
        Assert.Contains("'bridge', 'host-local', 'portmap', 'tuning'", run.Output, StringComparison.Ordinal);
        Assert.Contains("containernetworking-plugins", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_that_another_program_removed_are_reported_and_added_again()
    {
        _engine.Require(
            $"$null = New-CtrNetwork {_network}, {_network}-2; New-CtrContainer {_id} -Image {TestImages.Busybox} -Network {_network}, {_network}-2 -Publish 8104:80 -- httpd -f -p 80 -h /etc | Start-CtrTask"
        );
        await FetchAsync();
        await fixture.RunAsync("sh", "-c", "for n in nat filter; do iptables -t $n -F; iptables -t $n -X; done");
        Assert.Equal([$"RulesMissing {_id}", $"RulesMissing {_id}"], Findings("Test-CtrNetwork"));
        Assert.Empty(_engine.Require("Repair-CtrNetwork -WhatIf"));
        Assert.Equal($"{_network}-2", _engine.Require<CtrNetworkAttachment>($"Repair-CtrNetwork {_network}-?").Network);
        var repaired = _engine.Require<CtrNetworkAttachment>("Repair-CtrNetwork");
        Assert.Equal((_id, _network, "eth0"), (repaired.ContainerId, repaired.Network, repaired.Interface));
        await FetchAsync();
        Assert.Empty(Findings("Test-CtrNetwork"));
        Assert.Empty(_engine.Require("Repair-CtrNetwork"));
        Assert.StartsWith(
            ErrorIds.NetworkNotFound,
            _engine.Invoke("Repair-CtrNetwork nowhere").Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );

        async Task FetchAsync() =>
            Assert.Equal(
                $"{_id}\n",
                await fixture.RunAsync(
                    "sh",
                    "-c",
                    "for i in $(seq 100); do busybox wget -qO- http://127.0.0.1:8104/hostname && exit 0; sleep 0.05; done; exit 1"
                )
            );
    }

    private IEnumerable<string> Findings(string script) =>
        _engine.Require(script).Select(f => (CtrNetworkFinding)f.BaseObject).Select(f => $"{f.Kind} {f.Subject}");
}
