using System.Text.Json.Nodes;
using Containerd.Host.Native;
using Containerd.Host.Networks.Attachments;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Networks and attachments of nerdctl and Kubernetes beside those of the module, on one host.</summary>
public sealed class OtherClientsTests
{
    private const string Sandbox = "4f2a9c1be07d4c6f8a3e5d7b9c0f1e2d3a4b5c6d7e8f90123456789abcdef012";

    [Theory]
    [InlineData("nerdctl-theirs.conflist", "nerdctl")]
    [InlineData("test/nerdctl-theirs.conflist", "nerdctl")]
    [InlineData("10-theirs.conflist", "")]
    public async Task Containers_use_the_networks_of_other_programs(string file, string author)
    {
        using var bed = await NetworkBed.CreateAsync();
        WriteTheirs(bed, file, isNerdctl: author.Length > 0);
        var request = WithNamespaceFolder(bed, bed.Request("web", "theirs")) with { Ports = [Published(8080)] };
        var network = CniNetworks.Read(request.Folders).Require("theirs");
        Assert.Equal(author.Length > 0 ? CniAuthor.Nerdctl : CniAuthor.Other, network.Author);
        var pid = bed.Sandbox.StartContainer();
        Assert.Equal(["10.88.5.2/24"], bed.Attach(request, pid).Networks.Single().Addresses);
        Serve(bed, pid, "ours");
        Assert.Equal("ours", Fetch(bed, 8080));
        Assert.Empty(bed.Remove(request));
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task Attachments_of_other_programs_stay_whatever_is_attached_detached_repaired_or_swept()
    {
        using var bed = await NetworkBed.CreateAsync();
        var ours = bed.AddNetwork("front", "10.88.1.0/24");
        var theirs = WriteTheirs(bed, "nerdctl-theirs.conflist", isNerdctl: true);
        var pods = WriteTheirs(bed, "10-pods.conflist", isNerdctl: false, "pods", "cni0", "10.88.6");
        // A container of nerdctl in the namespace of the test, on its network and on one of the module; and the sandbox of a pod.
        var (one, two, pod) = (bed.Sandbox.StartContainer(), bed.Sandbox.StartContainer(), bed.Sandbox.StartContainer());
        Attach(bed, theirs, $"{NetworkBed.Namespace}-theirs", one, 8091);
        Attach(bed, ours, $"{NetworkBed.Namespace}-guest", two, 8092);
        Attach(bed, pods, Sandbox, pod, 8093);
        Serve(bed, one, "nerdctl");
        Serve(bed, two, "guest");
        Serve(bed, pod, "pod");
        AssertAllServed();
        // A container that ended and that its own program has not detached yet.
        var ended = bed.Sandbox.StartContainer();
        Attach(bed, theirs, $"{NetworkBed.Namespace}-ended", ended, 8094);
        Attach(bed, pods, "f" + Sandbox[1..], ended, 8095, "eth1");
        bed.Sandbox.Kill(ended);
        var before = State(bed);
        Assert.Equal(5, bed.Reservations().Length);

        foreach (var network in new[] { "theirs", "front", "pods" })
        {
            var request = bed.Request("web", network) with { Ports = [Published(8080)] };
            var pid = bed.Sandbox.StartContainer();
            bed.Attach(request, pid);
            bed.Sandbox.Run(() => NetworkPrograms.Repair(new RepairRequest { Folders = bed.Folders }.Write(), 0));
            AssertAllServed();
            // It ends with a crash of its host's programs: the next start removes what it left.
            bed.Sandbox.Kill(pid);
            var next = bed.Request("next", network);
            bed.Attach(next, bed.Sandbox.StartContainer());
            Assert.Empty(bed.Remove(next));
            Assert.Empty(bed.Remove(request));
            AssertAllServed();
        }

        var sweep = new SweepRequest
        {
            Folders = bed.Folders,
            Namespaces = [NetworkBed.Namespace, "default", "k8s.io"],
            Containers = [],
        };
        var report = bed.Sandbox.Run(() => NetworkPrograms.Sweep(sweep.Write(), 0));
        Assert.Empty(report.Failures);
        Assert.Empty(report.Attachments.Concat(report.Others));
        Assert.Equal(0, report.Rules);
        Assert.Equal(before, State(bed));
        AssertAllServed();

        void AssertAllServed() => Assert.Equal("nerdctl guest pod", $"{Fetch(bed, 8091)} {Fetch(bed, 8092)} {Fetch(bed, 8093)}");
    }

    [Fact]
    public async Task Only_attachments_of_other_programs_whose_container_runs_count_as_users()
    {
        using var bed = await NetworkBed.CreateAsync();
        var network = bed.AddNetwork("front", "10.88.1.0/24");
        var (running, ended) = (bed.Sandbox.StartContainer(), bed.Sandbox.StartContainer());
        Attach(bed, network, Sandbox, running, 8091);
        Attach(bed, network, "default-ended", ended, 8092);
        bed.Attach(bed.Request("own", "front"), bed.Sandbox.StartContainer());
        bed.Sandbox.Kill(ended);
        var users = bed.Sandbox.Run(() =>
            OtherAttachments.Running(bed.Folders.Results, bed.Folders, LibcNetworks.NamespaceOf("thread-self")).ToList()
        );
        Assert.Equal((Sandbox, "front"), (Assert.Single(users).ContainerId, users[0].Network));
    }

    [Fact]
    public async Task The_lock_of_nerdctl_is_held_while_plugins_run_and_waited_for()
    {
        using var bed = await NetworkBed.CreateAsync();
        var network = bed.AddNetwork("front", "10.88.1.0/24");
        var file = Path.Combine(bed.Folders.Configuration[0], ".cni-concurrency.lock");
        var order = Path.Combine(bed.OwnPlugins, "order");
        bed.AddPlugin(
            network,
            "witness",
            $$"""
            cat > /dev/null
            echo "$CNI_COMMAND $(flock -n {{file}} echo free || echo locked)" >> {{order}}
            echo '{"cniVersion":"1.0.0"}'
            """
        );
        var (held, go) = (order + ".held", order + ".go");
        bed.Sandbox.StartScript(
            $"exec flock {file} sh -c 'touch {held}; until [ -e {go} ]; do sleep 0.02; done; echo released >> {order}'"
        );
        await Eventually.TrueAsync(() => File.Exists(held));
        var request = bed.Request("web", "front");
        var pid = bed.Sandbox.StartContainer();
        var attachment = Task.Run(() => bed.Create(request, pid));
        await Eventually.TrueAsync(() => Directory.EnumerateFiles("/proc/self/fd").Any(IsTheLock));
        Assert.False(attachment.IsCompleted);
        Assert.Empty(bed.Reservations());
        await File.WriteAllTextAsync(go, "");
        Assert.Null(await attachment);
        Assert.Empty(bed.Remove(request));
        // An attachment begins with the removal of what an earlier start may have left.
        var lines = await File.ReadAllLinesAsync(order);
        Assert.Equal(("released", "ADD locked"), (lines[0], lines.First(l => l.StartsWith("ADD", StringComparison.Ordinal))));
        Assert.Equal("DEL locked", lines[^1]);
        Assert.DoesNotContain("free", string.Join(' ', lines), StringComparison.Ordinal);

        bool IsTheLock(string descriptor)
        {
            try
            {
                return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName == file;
            }
            catch (IOException)
            {
                // It was closed meanwhile.
                return false;
            }
        }
    }

    /// <summary>Writes a network with the plugins that nerdctl uses.</summary>
    private static CniNetwork WriteTheirs(
        NetworkBed bed,
        string file,
        bool isNerdctl,
        string name = "theirs",
        string bridge = "nerdctl0",
        string subnet = "10.88.5"
    )
    {
        var root = new JsonObject { ["cniVersion"] = "1.0.0", ["name"] = name };
        if (isNerdctl)
        {
            root["nerdctlID"] = NetworkFolders.HashOf(name, 64);
            root["nerdctlLabels"] = new JsonObject { ["team"] = "theirs" };
        }

        root["plugins"] = JsonNode.Parse(
            $$"""
            [
              {
                "type": "bridge", "bridge": "{{bridge}}", "isGateway": true, "ipMasq": true, "hairpinMode": true,
                "ipam": {
                  "type": "host-local", "dataDir": "{{bed.Folders.Addresses}}", "routes": [{ "dst": "0.0.0.0/0" }],
                  "ranges": [[{ "subnet": "{{subnet}}.0/24", "gateway": "{{subnet}}.1" }]]
                }
              },
              { "type": "portmap", "capabilities": { "portMappings": true } },
              { "type": "firewall", "ingressPolicy": "same-bridge" },
              { "type": "tuning" }
            ]
            """
        );
        var path = Path.Combine(bed.Folders.Configuration[0], file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, root.ToJsonString());
        return CniNetworkFile.Parse(path, File.ReadAllBytes(path));
    }

    /// <summary>The request with the folder of the namespace's networks, as nerdctl has them.</summary>
    private static NetworkRequest WithNamespaceFolder(NetworkBed bed, NetworkRequest request)
    {
        var folder = bed.Folders.Configuration[0];
        return request with { Folders = bed.Folders with { Configuration = [folder, Path.Combine(folder, NetworkBed.Namespace)] } };
    }

    /// <summary>Attaches a container as libcni does for another program.</summary>
    private static void Attach(NetworkBed bed, CniNetwork network, string id, int pid, int port, string name = "eth0") =>
        bed.Sandbox.Run(() =>
            CniChain.Attach(
                bed.Folders,
                network,
                new CniCacheEntry
                {
                    File = CniCacheEntry.FileOf(bed.Folders, network.Name, id, name),
                    ContainerId = id,
                    Config = network.Content,
                    Interface = name,
                    Network = network.Name,
                    Netns = $"/proc/{pid}/ns/net",
                    Arguments = [("IgnoreUnknown", "1")],
                    Capabilities = new JsonObject
                    {
                        ["portMappings"] = new JsonArray(
                            new JsonObject
                            {
                                ["hostPort"] = port,
                                ["containerPort"] = 80,
                                ["protocol"] = "tcp",
                            }
                        ),
                    },
                },
                new TimeBudget(TimeSpan.FromMinutes(1))
            )
        );

    private static RequestedPort Published(int port) => new() { HostPort = port, ContainerPort = 80 };

    private static void Serve(NetworkBed bed, int pid, string answer) =>
        bed.Sandbox.StartScript($"exec nsenter -t {pid} -n busybox nc -ll -p 80 -e echo {answer}");

    private static string Fetch(NetworkBed bed, int port) =>
        bed
            .Sandbox.Shell(
                $"for i in $(seq 100); do busybox nc -w 5 127.0.0.1 {port} < /dev/null 2> /dev/null | grep . && exit 0; sleep 0.05; done; exit 1"
            )
            .Trim();

    /// <summary>Reservations, cache files with their content, and rules.</summary>
    private static string State(NetworkBed bed) =>
        string.Join(
            '\n',
            [
                .. bed.Reservations().Order(StringComparer.Ordinal),
                .. Directory.GetFiles(bed.Folders.Results).Order(StringComparer.Ordinal).Select(f => $"{f}: {File.ReadAllText(f)}"),
                .. bed.Sandbox.Rules(),
            ]
        );
}
