using System.Globalization;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Logs;
using Containerd.Host.Logs;
using Containerd.Host.Networks.Configuration;

namespace Containerd.PowerShell.Tests.Hosts.Reboot;

/// <summary>
/// A container with a network is reachable again, at its address, as soon as the restart monitor of containerd starts it; what a container
/// that does not run had is removed by its next start or by a sweep. The hooks do that; no client takes part.
/// </summary>
public sealed class RebootOfNetworks(VmFixture fixture) : RebootPart(fixture)
{
    private const string Network = "reboot";
    private const string LogFolder = "/var/lib/containerd-powershell/reboot-log/";
    private const int Restarted = 8081;
    private const int Stopped = 8082;
    private const int Removed = 8083;

    private NetworksInside _networks = null!;
    private string _address = "";

    public override async Task PrepareAsync()
    {
        _networks = new NetworksInside(Machine, Engine, Namespace);
        await _networks.InstallAsync();
        await _networks.WriteAsync(
            new()
            {
                Name = Network,
                HostInterface = NetworkDefinition.BridgeOf(Network, null),
                Subnets = [new() { Subnet = "10.88.9.0/24" }],
            }
        );
        Create("r", Restarted, "-RestartPolicy always");
        Create("s", Stopped);
        Create("x", Removed);
        foreach (var (id, port) in new[] { ("r", Restarted), ("s", Stopped), ("x", Removed) })
        {
            Engine.Require($"$null = Start-CtrTask {Id}{id} -NoLog -ErrorAction Ignore");
            await AssertServedAsync(port);
        }

        // Over SSH, the module itself cannot install a logger on the host.
        var logger = LogHelper.Uri(NetworksInside.Helper, new LogWriterOptions(0, 1, Terminal: false, Owner: null, LogFolder));
        Engine.Require($"Set-CtrContainer {Id}r -Label @{{ '{ContainerLabels.RestartLogUri}' = '{logger}' }}");
        await Machine.RunScriptAsync($"mkdir -m 0700 {LogFolder}");
        await KillDaemonAsync();
        _address = await AddressAsync("r");
        Assert.NotEmpty(_address);
        await Machine.RunScriptAsync("sync");
    }

    public override async Task VerifyAsync()
    {
        // containerd looks every ten seconds for containers that should run.
        await AssertServedAsync(Restarted);
        Assert.Equal(_address, await AddressAsync("r"));
        var container = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}r");
        Assert.Equal(("always", CtrStatus.Running), ($"{container.RestartPolicy}", container.Status));
        Assert.Matches("^[^ ]+Z stdout F up\n$", await Machine.RunScriptAsync($"cat {LogFolder}1.1.log"));

        Engine.Require($"$null = Start-CtrTask {Id}s -NoLog");
        await AssertServedAsync(Stopped);

        Engine.Require($"Remove-CtrContainer {Id}r, {Id}s, {Id}x -Force");
        var rest = await HeldAsync();
        Assert.Contains(AttachmentOf("x"), rest, StringComparison.Ordinal);
        Assert.DoesNotContain(AttachmentOf("r"), rest, StringComparison.Ordinal);
        Assert.DoesNotContain(AttachmentOf("s"), rest, StringComparison.Ordinal);
        await _networks.SweepAsync();
        Assert.Empty(await RestAsync());
    }

    /// <summary>
    /// A daemon that is killed and comes back has no part in the networks: ports answer, and a container that is removed then leaves
    /// nothing.
    /// </summary>
    private async Task KillDaemonAsync()
    {
        await Machine.RunScriptAsync(
            """
            before=$(systemctl show -p MainPID --value containerd)
            kill -9 $before
            until after=$(systemctl show -p MainPID --value containerd) && [ "$after" != 0 ] && [ "$after" != $before ] && ctr version > /dev/null 2>&1; do sleep 0.2; done
            """
        );
        await AssertServedAsync(Stopped);
        await Machine.RunScriptAsync($"ctr -n {Namespace} tasks rm -f {Id}s");
        Assert.DoesNotContain(AttachmentOf("s"), await HeldAsync(), StringComparison.Ordinal);
    }

    private void Create(string suffix, int port, string options = "") =>
        _networks.Create(
            Id + suffix,
            Busybox,
            Network,
            $"sh -c 'echo up; exec busybox nc -ll -p 80 -e echo served-{port.ToString(CultureInfo.InvariantCulture)}'",
            [new() { HostPort = port, ContainerPort = 80 }],
            options
        );

    private string AttachmentOf(string suffix) => _networks.AttachmentOf(Id + suffix);

    /// <summary>The published port answers, now or soon.</summary>
    private async Task AssertServedAsync(int port)
    {
        var answer = await Machine.RunScriptAsync(
            $"for i in $(seq 300); do busybox nc -w 5 127.0.0.1 {port} < /dev/null 2> /dev/null | grep . && exit 0; sleep 0.5; done; exit 1"
        );
        Assert.Equal($"served-{port}", answer.Trim());
    }

    private async Task<string> AddressAsync(string suffix) =>
        (await Machine.RunScriptAsync($"ctr -n {Namespace} tasks exec --exec-id a{suffix} {Id}{suffix} ip -o -4 addr show eth0"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(word => word.StartsWith("10.88.9.", StringComparison.Ordinal))
        ?? "";

    /// <summary>What exists of the containers: rules, addresses, pins, records and cache files.</summary>
    private async Task<string> RestAsync() =>
        (
            await Machine.RunScriptAsync(
                $"""
                iptables -t nat -S | grep -F '{Id}'
                grep -rlF '{Id}' {_networks.Folders.Results} {_networks.Folders.State} /var/lib/cni/networks/{Network} 2> /dev/null
                grep -rF '{Id}' /var/lib/cni/networks/{Network} {_networks.Folders.Results} -h 2> /dev/null
                grep -F '{Id}' /proc/self/mountinfo
                ip -br link | grep veth
                true
                """
            )
        ).Trim();

    /// <summary>
    /// The same without the records of addresses for the next start. They remain until a sweep if a client over SSH removes a container.
    /// </summary>
    private async Task<string> HeldAsync() =>
        string.Join('\n', (await RestAsync()).Split('\n').Where(line => !line.Contains("/ended/", StringComparison.Ordinal)));
}
