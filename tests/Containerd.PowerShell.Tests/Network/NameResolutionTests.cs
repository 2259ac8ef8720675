using System.Globalization;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>Networks whose names are resolved by DNS, on a daemon: the resolver of a container finds the others.</summary>
public sealed class NameResolutionTests(NetworkDaemon fixture) : IClassFixture<NetworkDaemon>, IDisposable
{
    // Only the processes that create the containers search the folder of the name server.
    private const string Findings = "Test-CtrNetwork | Where-Object Kind -NE NameServerMissing";
    private readonly Engine _engine = fixture.Open("default");
    private readonly string _web = PrivateDaemon.Unique("w");
    private readonly string _db = PrivateDaemon.Unique("d");
    private readonly string _network = PrivateDaemon.Unique("n");

    public void Dispose()
    {
        _engine.Invoke("Get-CtrContainer | Remove-CtrContainer -Force; Get-CtrNetwork | Remove-CtrNetwork");
        _engine.Dispose();
    }

    [Fact]
    public async Task Containers_find_each_other_without_their_hosts_files_and_a_killed_name_server_is_repaired()
    {
        // The program is searched in the folders of the plugins, which the requests of the containers have.
        var folders = await Task.WhenAll(
            Shell.RunAsync(Repository.Fixture("debian-plugins.sh"), "bookworm"),
            Shell.RunAsync(Repository.Fixture("debian-aardvark.sh"), "bookworm")
        );
        var run = await HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            $null = Connect-CtrSession '{{fixture.Daemon.Address}}' -Namespace default
            Say Network (New-CtrNetwork {{_network}} -NameResolution Dns).NameResolution
            $common = @{ Image = '{{TestImages.Busybox}}'; Network = '{{_network}}' }
            New-CtrContainer {{_web}} @common -NetworkAlias shop -- sleep 1000 | Start-CtrTask
            New-CtrContainer {{_db}} @common -NetworkAlias {{_db}}-name -DnsSearch example.test -- sleep 1000 | Start-CtrTask
            """,
            new Dictionary<string, string?> { ["CNI_PATH"] = string.Join(':', folders.Select(f => f.Trim())) }
        );
        Assert.Equal("Dns", run["Network"]);
        var address = _engine.Require<CtrContainer>($"Get-CtrContainer {_db}").Networks.Single().IPAddresses.Single();
        Assert.DoesNotContain(_db, Run(_web, "cat /etc/hosts"), StringComparison.Ordinal);
        foreach (var name in new[] { _db, $"{_db}-name" })
            Assert.Contains($"({address})", Run(_web, $"ping -c 1 -W 5 {name}"), StringComparison.Ordinal);
        Assert.Contains("1 packets received", Run(_db, "ping -c 1 -W 5 shop"), StringComparison.Ordinal);
        Assert.StartsWith("search example.test\n", Run(_db, "cat /etc/resolv.conf"), StringComparison.Ordinal);

        Assert.Empty(_engine.Require(Findings));
        await fixture.RunAsync("kill", "-KILL", $"{await ProcessAsync()}");
        var finding = _engine.Require<CtrNetworkFinding>(Findings);
        Assert.Equal(("NameServerStopped", _network), (finding.Kind, finding.Subject));
        Assert.Contains("Repair-CtrNetwork", finding.Remedy, StringComparison.Ordinal);
        Assert.Equal(
            new[] { _db, _web }.Order(),
            _engine.Require($"Repair-CtrNetwork {_network}").Select(o => ((CtrNetworkAttachment)o.BaseObject).ContainerId).Order()
        );
        Assert.Empty(_engine.Require(Findings));
        Assert.Contains($"({address})", Run(_web, $"ping -c 1 -W 5 {_db}"), StringComparison.Ordinal);

        // Another start than that of this module, and the end of the last container.
        _engine.Require($"Stop-CtrTask {_db} -Timeout 0; Remove-CtrTask {_db}");
        await Shell.RunAsync("ctr", "--address", fixture.Daemon.SocketPath, "tasks", "start", "--detach", "--null-io", _db);
        Assert.Contains($"({address})", Run(_web, $"ping -c 1 -W 5 {_db}"), StringComparison.Ordinal);
        _engine.Require("Get-CtrContainer | Remove-CtrContainer -Force");
        Assert.Equal(0, await ProcessAsync());
    }

    [Theory]
    [InlineData("-Driver macvlan -Parent lo")]
    [InlineData("-Driver ipvlan -Parent lo")]
    public void A_network_without_an_address_of_the_host_cannot_have_a_name_server(string parameters)
    {
        var error = _engine.Invoke($"New-CtrNetwork {_network} -NameResolution Dns {parameters}").Error;
        Assert.StartsWith(ErrorIds.InvalidNetworkOption, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("name server can listen", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_whose_name_server_is_not_installed_cannot_be_created()
    {
        // In a mount namespace without the folders of Podman.
        var run = await HostProcess.RunBesideMountsAsync(
            "for folder in /usr/local/libexec/podman /usr/local/lib/podman /usr/libexec/podman /usr/lib/podman; do "
                + "[ ! -d $folder ] || mount -t tmpfs none $folder; done",
            $$"""
            Import-Module Containerd
            $null = Connect-CtrSession '{{fixture.Daemon.Address}}' -Namespace default
            New-CtrNetwork {{_network}} -NameResolution Dns -ErrorAction SilentlyContinue -ErrorVariable failed
            Say Id $failed[0].FullyQualifiedErrorId
            Say Remedy $failed[0].ErrorDetails.RecommendedAction
            Say Networks (Get-CtrNetwork).Count
            """
        );
        Assert.StartsWith(ErrorIds.NameServerMissing, run["Id"], StringComparison.Ordinal);
        Assert.Contains("aardvark-dns", run["Remedy"], StringComparison.Ordinal);
        Assert.Equal("0", run["Networks"]);
    }

    /// <summary>The name server in the network namespace of the daemon; 0 if there is none.</summary>
    private async Task<int> ProcessAsync()
    {
        var lines = await fixture.RunAsync("sh", "-c", "ss -Hlnup 'sport = :53' | grep -o 'pid=[0-9]*' | sort -u; true");
        return lines.Trim() is { Length: > 4 } text ? int.Parse(text["pid=".Length..], CultureInfo.InvariantCulture) : 0;
    }

    private string Run(string id, string command) =>
        string.Join('\n', _engine.Require($"Invoke-CtrExec {id} -- sh -c '{command}'").Select(line => line.ToString()));
}
