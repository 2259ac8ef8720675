using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Bench;

/// <summary>
/// The network of one container: the helper program as the hooks createRuntime and poststop, and a shell script that runs the same plugins
/// with the same input. The script is recorded from the helper program's own calls. All runs in network and mount namespaces of its own.
/// </summary>
internal static class Networks
{
    private const string Address = "10.88.1.5";
    private const string Container = "bench";

    internal static async Task MeasureAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("containerd-bench-").FullName;
        using var host = Start(
            "unshare",
            "-n",
            "-m",
            "--propagation",
            "private",
            "sh",
            "-c",
            "mount -t tmpfs tmpfs /run; ip link set lo up; exec sleep inf"
        );
        try
        {
            await Eventually.TrueAsync(() => Name(host) == "sleep");
            using var container = Start("nsenter", [.. Enter(host), "unshare", "-n", "sleep", "inf"]);
            await Eventually.TrueAsync(() => Name(container) == "sleep");
            try
            {
                await MeasureAsync(folder, host, container, rounds);
            }
            finally
            {
                container.Kill();
            }
        }
        finally
        {
            host.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, Process host, Process container, int rounds)
    {
        var plugins = (await Shell.RunAsync(Repository.Fixture("debian-plugins.sh"), "bookworm")).Trim();
        var folders = NetworkFolders.OfPrivateDaemon("bench", folder) with { Plugins = [plugins] };
        CniNetworkWriter.Write(
            folders,
            new()
            {
                Name = "front",
                HostInterface = "br-bench",
                Subnets = [new() { Subnet = "10.88.1.0/24" }],
                Addresses = folders.Addresses,
            }
        );
        var recorder = await RecorderAsync(folder, plugins);
        await HelperAsync(folder, folders with { Plugins = [recorder, plugins] }, host, container, "record");
        await Shell.RunAsync("sh", "-c", $"exec sh {Path.Combine(folder, "record-pair")} >&2");
        var script = await ScriptAsync(folder, host, container);
        await HelperAsync(folder, folders, host, container, "helper");

        var direct = new Samples("the plugins, from a shell script");
        var ours = new Samples("containerd-helper, as two hooks");
        for (var i = 0; i < rounds; i++)
        {
            await direct.AddAsync(() => Shell.RunAsync("sh", script));
            await ours.AddAsync(() => Shell.RunAsync("sh", Path.Combine(folder, "helper-pair")));
        }

        Samples.Print($"Network: attach and detach a container with a published port, {rounds} rounds", direct, ours);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  our part: {ours.Median - direct.Median:0.0} ms"));
    }

    /// <summary>Writes a script that runs both hooks with the helper program, as a runtime does.</summary>
    private static async Task HelperAsync(string folder, NetworkFolders folders, Process host, Process container, string name)
    {
        var helper = Path.Combine(Repository.Module, "lib", "linux-x64", "containerd-helper");
        var request = new NetworkRequest
        {
            Namespace = "default",
            Container = Container,
            Attachment = NetworkFolders.AttachmentId("default", Container, "bench"),
            Networks =
            [
                new()
                {
                    Name = "front",
                    Interface = "eth0",
                    Addresses = [Address],
                },
            ],
            Ports = [new() { HostPort = 8080, ContainerPort = 80 }],
            Folders = folders,
        };
        var lines = new List<string>();
        foreach (var (verb, pid) in new[] { ("network-create", container.Id), ("network-remove", 0) })
        {
            var state = new JsonObject
            {
                ["ociVersion"] = "1.0.2",
                ["id"] = Container,
                ["status"] = pid > 0 ? "creating" : "stopped",
                ["pid"] = pid,
                ["bundle"] = "/run/bundles/" + Container,
                ["annotations"] = new JsonObject { [NetworkRequest.Annotation] = request.Write() },
            };
            var input = Path.Combine(folder, $"{name}-{verb}.json");
            await File.WriteAllTextAsync(input, state.ToJsonString());
            lines.Add($"{helper} {verb} < {input}");
        }

        await PairAsync(folder, name, lines, host);
    }

    /// <summary>A folder of plugins that keep their input and environment, and then run the real ones.</summary>
    private static async Task<string> RecorderAsync(string folder, string plugins)
    {
        var recorder = Directory.CreateDirectory(Path.Combine(folder, "recorder")).FullName;
        var calls = Directory.CreateDirectory(Path.Combine(folder, "calls")).FullName;
        foreach (var type in new[] { "bridge", "portmap", "firewall", "tuning" })
        {
            var program = Path.Combine(recorder, type);
            await File.WriteAllTextAsync(
                program,
                $"""
                #!/bin/sh
                call={calls}/$(date +%s%N)
                cat > $call.json
                echo "CNI_COMMAND=$CNI_COMMAND CNI_CONTAINERID=$CNI_CONTAINERID CNI_NETNS=$CNI_NETNS CNI_IFNAME=$CNI_IFNAME CNI_ARGS='$CNI_ARGS' CNI_PATH={plugins} {plugins}/{type} < $call.json" > $call.sh
                CNI_PATH={plugins} exec {plugins}/{type} < $call.json

                """
            );
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return recorder;
    }

    /// <summary>
    /// The recorded calls as two scripts, since the network namespace must be pinned for them, as the helper program does.
    /// </summary>
    private static async Task<string> ScriptAsync(string folder, Process host, Process container)
    {
        var calls = Directory.GetFiles(Path.Combine(folder, "calls"), "*.sh").Order(StringComparer.Ordinal).ToArray();
        var lines = new List<string>();
        foreach (var call in calls)
            lines.Add((await File.ReadAllTextAsync(call)).TrimEnd() + " > /dev/null");
        var netns = lines[0].Split("CNI_NETNS=")[1].Split(' ')[0];
        var id = container.Id.ToString(CultureInfo.InvariantCulture);
        string[] pin = [$"mkdir -p {Path.GetDirectoryName(netns)}", $": > {netns}", $"mount --bind /proc/{id}/ns/net {netns}"];
        return await PairAsync(folder, "plugins", [.. pin, .. lines, $"umount {netns}", $"rm {netns}"], host);
    }

    /// <summary>Writes a script that runs in the namespaces of the host, as hooks do. It attaches and detaches.</summary>
    private static async Task<string> PairAsync(string folder, string name, IEnumerable<string> lines, Process host)
    {
        var inner = Path.Combine(folder, name);
        await File.WriteAllTextAsync(inner, $"set -e\n{string.Join('\n', lines)}\n");
        var script = inner + "-pair";
        await File.WriteAllTextAsync(script, $"exec nsenter {string.Join(' ', Enter(host))} sh {inner}\n");
        return script;
    }

    private static string[] Enter(Process host) => ["-t", host.Id.ToString(CultureInfo.InvariantCulture), "-n", "-m"];

    private static string Name(Process process) =>
        File.ReadAllText($"/proc/{process.Id.ToString(CultureInfo.InvariantCulture)}/comm").Trim();

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
}
