using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Rules that another program removed are added again, with each program that plugins use for them.</summary>
public sealed class RuleRepairTests
{
    [Theory]
    [InlineData("bookworm", "iptables-nft")]
    [InlineData("bookworm", "iptables-legacy")]
    [InlineData("sid", "iptables-nft")]
    [InlineData("sid", "nft")]
    public async Task Missing_rules_are_added_again_and_the_container_keeps_its_address(string suite, string program)
    {
        using var bed = await NetworkBed.CreateAsync(suite);
        var isNft = program == "nft";
        await UseAsync(bed, program);
        string[] subnets = ["10.88.1.0/24", "fd00:88:1::/64"];
        _ = isNft ? bed.AddNetworkWithoutFirewall("front", subnets) : bed.AddNetwork("front", subnets);
        var outside = Outside(bed);
        var pid = bed.Sandbox.StartContainer();
        var request = bed.Request("web", "front") with
        {
            Ports =
            [
                new() { HostPort = 8080, ContainerPort = 80 },
                new()
                {
                    HostPort = 5353,
                    ContainerPort = 53,
                    Protocol = "udp",
                    HostAddress = "192.0.2.1",
                },
            ],
        };
        var record = bed.Attach(request, pid);
        bed.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo served");
        await Eventually.TrueAsync(() => IsServed(bed, outside));
        Assert.True(ReachesOutside(bed, pid));
        var before = Rules(bed, isNft);
        // Nothing is missing.
        Assert.Empty(Repair(bed, isTest: true));
        Assert.Empty(Repair(bed));
        Assert.Equal(before, Rules(bed, isNft));

        bed.Sandbox.Shell(
            isNft ? "nft flush ruleset" : "for t in iptables ip6tables; do for n in nat filter; do $t -t $n -F; $t -t $n -X; done; done"
        );
        Assert.False(IsServed(bed, outside));
        Assert.False(ReachesOutside(bed, pid));
        Assert.Equal("web front eth0", Assert.Single(Repair(bed, isTest: true)));
        Assert.False(IsServed(bed, outside));
        Assert.Equal("web front eth0", Assert.Single(Repair(bed)));
        Assert.True(IsServed(bed, outside));
        Assert.True(ReachesOutside(bed, pid));
        Assert.Equal(before, Rules(bed, isNft));
        Assert.Equal(
            record.Networks[0].Addresses,
            bed.Sandbox.Run(() => AttachmentRecord.Read(bed.Folders.RecordOf(request.Attachment)))!.Networks[0].Addresses
        );
        Assert.Empty(Repair(bed));

        // Only a part of them, as after the rules of a table were restored from a file.
        bed.Sandbox.Shell(isNft ? "nft delete table inet cni_plugins_masquerade" : "iptables -t nat -F POSTROUTING; iptables -F FORWARD");
        Assert.Single(Repair(bed));
        Assert.True(ReachesOutside(bed, pid));
        Assert.Empty(Repair(bed));
        Assert.Empty(bed.Remove(request));
        Assert.DoesNotContain(request.Attachment, Rules(bed, isNft), StringComparison.Ordinal);
    }

    private static string[] Repair(NetworkBed bed, bool isTest = false)
    {
        var report = bed.Sandbox.Run(() =>
            NetworkRepairProgram.Run(new RepairRequest { Folders = bed.Folders, IsTest = isTest }.Write(), 0)
        );
        Assert.Empty(report.Failures);
        return [.. report.Attachments.Select(a => $"{a.Container} {a.Network} {a.Interface}")];
    }

    /// <summary>Makes a program the one that plugins find, in the mount namespace of the sandbox.</summary>
    private static async Task UseAsync(NetworkBed bed, string program)
    {
        var nft = program == "nft" ? (await Testing.Shell.RunAsync(Repository.Fixture("debian-nft.sh"))).Trim() : "";
        bed.Sandbox.Shell(
            $$"""
            set -e
            cp -a /etc/alternatives /run/alternatives
            for t in iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore; do
                rm -f /run/alternatives/$t
                case {{program}} in
                    nft) ;;
                    *) ln -s /usr/sbin/$(echo $t | sed 's/tables/tables-{{program.Replace(
                "iptables-",
                "",
                StringComparison.Ordinal
            )}}/') /run/alternatives/$t ;;
                esac
            done
            mount --bind /run/alternatives /etc/alternatives
            if [ {{program}} = nft ]; then
                mount -t tmpfs -o mode=0755 tmpfs /usr/local/sbin
                printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' {{nft}}/usr/lib/x86_64-linux-gnu:{{nft}}/lib/x86_64-linux-gnu {{nft}}/usr/sbin/nft > /usr/local/sbin/nft
                chmod 755 /usr/local/sbin/nft
            fi
            """
        );
    }

    private static string Rules(NetworkBed bed, bool isNft) =>
        string.Join(
            '\n',
            bed.Sandbox.Shell(isNft ? "nft list ruleset" : "for t in iptables ip6tables; do $t -t nat -S; $t -S; done")
                .Split('\n')
                // Only for readers.
                .Where(line => !line.Contains("\tcomment ", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );

    /// <summary>Another host, which does not know the addresses of containers.</summary>
    private static int Outside(NetworkBed bed)
    {
        var pid = bed.Sandbox.StartContainer();
        bed.Sandbox.Shell(
            $"""
            ip link add out0 type veth peer name out1
            ip link set out1 netns {pid}
            ip addr add 192.0.2.1/24 dev out0
            ip link set out0 up
            nsenter -t {pid} -n sh -c 'ip addr add 192.0.2.2/24 dev out1; ip link set out1 up; ip link set lo up'
            """
        );
        return pid;
    }

    private static bool IsServed(NetworkBed bed, int outside) =>
        bed
            .Sandbox.Shell($"nsenter -t {outside} -n busybox nc -w 5 192.0.2.1 8080 < /dev/null 2> /dev/null || true")
            .Contains("served", StringComparison.Ordinal);

    private static bool ReachesOutside(NetworkBed bed, int pid) =>
        bed
            .Sandbox.Shell($"nsenter -t {pid} -n busybox ping -c 1 -W 2 192.0.2.2 || true")
            .Contains("1 packets received", StringComparison.Ordinal);
}
