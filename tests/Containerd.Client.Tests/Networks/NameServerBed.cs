using System.Globalization;
using Containerd.Host.Native;
using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Tests.Networks;

/// <summary>Networks with a name server, with aardvark-dns of Debian's suites.</summary>
internal static class NameServerBed
{
    internal static async Task<NetworkBed> CreateAsync(string names)
    {
        var bed = await NetworkBed.CreateAsync(names == "sid" ? "sid" : "bookworm", names: names);
        SetResolver(bed);
        return bed;
    }

    /// <summary>The host has a name server at its loopback address.</summary>
    internal static void SetResolver(NetworkBed bed) =>
        bed.Sandbox.Shell("echo nameserver 127.0.0.1 > /run/resolv.conf && mount --bind /run/resolv.conf /etc/resolv.conf");

    /// <summary>Gives a container its files, as the client does.</summary>
    internal static NetworkRequest WithFiles(NetworkBed bed, NetworkRequest request)
    {
        var folder = Directory.CreateDirectory(Path.Combine(bed.OwnPlugins, "files", request.Container)).FullName;
        var files = new RequestedFiles { Hosts = Path.Combine(folder, "hosts"), ResolvConf = Path.Combine(folder, "resolv.conf") };
        File.WriteAllText(files.Hosts, "");
        File.WriteAllText(files.ResolvConf, "search example.test\nnameserver 192.0.2.53\noptions ndots:2\n");
        return request with { Files = files };
    }

    /// <summary>The addresses that a program in the container finds.</summary>
    internal static string[] Resolve(NetworkBed bed, int pid, string name, string server) =>
        [
            .. bed
                .Sandbox.Shell($"nsenter -t {pid} -n timeout 8 busybox nslookup {name} {server}; true")
                .Split('\n')
                .Where(l => l.StartsWith("Address: ", StringComparison.Ordinal))
                .Select(l => l["Address: ".Length..])
                .Order(StringComparer.Ordinal),
        ];

    internal static RepairReport Repair(NetworkBed bed, bool isTest) =>
        bed.Sandbox.Run(() => new NetworkRepair(new() { Folders = bed.Folders, IsTest = isTest }).Run());

    /// <summary>The name servers in the network namespace of the sandbox.</summary>
    internal static int[] ServersOf(NetworkBed bed)
    {
        var own = bed.Sandbox.Run(() => LibcNetworks.NamespaceOf("thread-self"));
        return
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(Path.GetFileName)
                .Where(p => p!.All(char.IsAsciiDigit) && LibcNetworks.NamespaceOf(p!) == own && Name(p!) == "aardvark-dns")
                .Select(p => int.Parse(p!, CultureInfo.InvariantCulture)),
        ];

        static string Name(string pid)
        {
            try
            {
                return File.ReadAllText($"/proc/{pid}/comm").Trim();
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    internal static void KillServer(NetworkBed bed)
    {
        var process = Containerd.Host.Processes.ProcessMark.Of(Assert.Single(ServersOf(bed)))!.Value;
        process.Signal(9);
        while (process.IsAlive)
            Thread.Sleep(5);
    }

    internal static void AssertNothingLeft(NetworkBed bed)
    {
        bed.AssertNothingLeft();
        Assert.Empty(ServersOf(bed));
        bed.Sandbox.Run(() =>
            Assert.False(
                Directory.Exists("/run/containerd-powershell/names")
                    && Directory.EnumerateDirectories("/run/containerd-powershell/names").Any()
            )
        );
    }
}
