using System.Text.Json.Nodes;
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
        await FirewallPrograms.UseAsync(bed, program);
        string[] subnets = ["10.88.1.0/24", "fd00:88:1::/64"];
        _ = isNft ? bed.AddNetworkWithoutFirewall("front", subnets) : bed.AddNetwork("front", subnets);
        var outside = new OutsideHost(bed, hasRoute: false);
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
        await Eventually.TrueAsync(() => outside.IsServed());
        Assert.True(ReachesOutside(bed, pid));
        var before = Rules(bed, isNft);
        // Nothing is missing.
        Assert.Empty(Repair(bed, isTest: true));
        Assert.Empty(Repair(bed));
        Assert.Equal(before, Rules(bed, isNft));

        bed.Sandbox.Shell(
            isNft ? "nft flush ruleset" : "for t in iptables ip6tables; do for n in nat filter; do $t -t $n -F; $t -t $n -X; done; done"
        );
        Assert.False(outside.IsServed());
        Assert.False(ReachesOutside(bed, pid));
        Assert.Equal("web front eth0", Assert.Single(Repair(bed, isTest: true)));
        Assert.False(outside.IsServed());
        Assert.Equal("web front eth0", Assert.Single(Repair(bed)));
        Assert.True(outside.IsServed());
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

    [Fact]
    public async Task On_a_host_with_firewalld_the_addresses_are_in_its_zone_and_no_rule_is_missing()
    {
        using var bed = await NetworkBed.CreateAsync();
        // The plugin asks firewalld by D-Bus: here both are a file.
        var zone = Path.Combine(bed.OwnPlugins, "zone");
        bed.WritePlugin(
            "firewall",
            $$"""
            input=$(cat)
            address=$(printf %s "$input" | grep -oE '"address": *"[0-9.]+/' | grep -oE '[0-9.]+')
            touch {{zone}}
            sed -i "/^$address.32/d" {{zone}}
            [ "$CNI_COMMAND" = DEL ] && exit
            echo "$address/32" >> {{zone}}
            printf %s "$input" | sed -E 's/.*"prevResult": *//; s/.$//'
            """
        );
        bed.Sandbox.Shell(
            $"""
            mount -t tmpfs -o mode=0755 tmpfs /usr/local/sbin
            printf '#!/bin/sh\ncase "$*" in --state) ;; "--zone=trusted --list-sources") tr "\\n" " " < {zone};; *) exit 2;; esac\n' > /usr/local/sbin/firewall-cmd
            chmod 755 /usr/local/sbin/firewall-cmd
            """
        );
        var network = bed.AddNetwork("front", "10.88.1.0/24");
        // The rules of the policy are those of iptables also with firewalld.
        var root = JsonNode.Parse(network.Content)!;
        root["plugins"]!.AsArray().Single(p => (string?)p!["type"] == "firewall")!.AsObject().Remove("ingressPolicy");
        await File.WriteAllTextAsync(network.Path, root.ToJsonString());
        var request = bed.Request("web", "front");
        bed.Attach(request, bed.Sandbox.StartContainer());
        Assert.Equal(["10.88.1.2/32"], await File.ReadAllLinesAsync(zone));
        Assert.Empty(Repair(bed, isTest: true));
        // After a reload.
        await File.WriteAllTextAsync(zone, "");
        Assert.Equal("web front eth0", Assert.Single(Repair(bed, isTest: true)));
        Assert.Single(Repair(bed));
        Assert.Equal(["10.88.1.2/32"], await File.ReadAllLinesAsync(zone));
        Assert.Empty(Repair(bed));
        bed.Remove(request);
        Assert.Empty(await File.ReadAllLinesAsync(zone));
        bed.AssertNothingLeft();
    }

    private static string[] Repair(NetworkBed bed, bool isTest = false)
    {
        var report = bed.Sandbox.Run(() => NetworkPrograms.Repair(new RepairRequest { Folders = bed.Folders, IsTest = isTest }.Write(), 0));
        Assert.Empty(report.Failures);
        return [.. report.Attachments.Select(a => $"{a.Container} {a.Network} {a.Interface}")];
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

    private static bool ReachesOutside(NetworkBed bed, int pid) =>
        bed
            .Sandbox.Shell($"nsenter -t {pid} -n busybox ping -c 1 -W 2 192.0.2.2 || true")
            .Contains("1 packets received", StringComparison.Ordinal);
}
