using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>The programs by which plugins add rules.</summary>
internal static class FirewallPrograms
{
    /// <summary>Makes a program the one that plugins find, in the mount namespace of the sandbox.</summary>
    internal static async Task UseAsync(NetworkBed bed, string program)
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
}
