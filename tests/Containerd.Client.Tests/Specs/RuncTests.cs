using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Containerd.Client.Specs;
using Containerd.Host;
using Containerd.Testing;

namespace Containerd.Client.Tests.Specs;

/// <summary>What a real runtime makes of our specs.</summary>
public sealed class RuncTests : IDisposable
{
    private static readonly string[] Kinds = ["net", "pid", "ipc", "uts"];
    private readonly RuncBundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public async Task The_default_spec_runs()
    {
        var output = await Run(
            new SpecOptions(),
            "id; hostname; pwd; ulimit -n; echo $HOME; echo $PATH; grep -E '^(CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status; ip -o link; ls /dev"
        );
        Assert.Contains("uid=0(root) gid=0(root)", output, StringComparison.Ordinal);
        Assert.Contains($"\n{bundle.Id}\n/\n1024\n/root\n/usr/local/sbin", output, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t00000000a80425fb", output, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t00000000a80425fb", output, StringComparison.Ordinal);
        Assert.Contains("CapAmb:\t0000000000000000", output, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", output, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2", output, StringComparison.Ordinal);
        Assert.Contains("lo:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("eth", output, StringComparison.Ordinal);
        Assert.Contains("null", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runc_s_own_spec_survives_the_round_trip_and_runs()
    {
        await Shell.RunAsync("runc", "spec", "--bundle", bundle.Folder);
        var json = await File.ReadAllTextAsync($"{bundle.Folder}/config.json", TestContext.Current.CancellationToken);
        var spec = CtrSpec.Parse(json);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(spec.ToJson())));
        Assert.Null(spec.Extra);
        spec.Process!.Terminal = false;
        spec.Process.Args = ["/bin/sh", "-c", "echo runs"];
        Assert.Equal("runs\n", (await bundle.RunAsync(spec)).Output);
    }

    [Fact]
    public async Task A_minimal_spec_runs()
    {
        var spec = CtrSpec.FromDictionary(
            new Hashtable
            {
                ["process"] = new Hashtable
                {
                    ["args"] = new ArrayList { "/bin/sh", "-c", "pwd" },
                    ["user"] = new Hashtable(),
                },
                ["root"] = new Hashtable { ["path"] = "rootfs" },
                ["mounts"] = new Hashtable { ["destination"] = "/proc", ["type"] = "proc" },
                ["linux"] = new Hashtable
                {
                    ["namespaces"] = new ArrayList
                    {
                        new Hashtable { ["type"] = "mount" },
                        new Hashtable { ["type"] = "pid" },
                    },
                },
            }
        );
        Assert.Equal((0, "/\n", ""), await bundle.RunAsync(spec));
    }

    [Fact]
    public async Task The_default_profile_blocks_namespaces_and_mounts_even_for_a_container_that_could()
    {
        var (code, _, error) = await bundle.RunAsync(new SpecOptions(), "unshare -m true");
        Assert.NotEqual(0, code);
        Assert.Contains("not permitted", error, StringComparison.OrdinalIgnoreCase);

        // With the capability but the profile of a container without it, only the profile can be what stops it.
        var spec = bundle.Build(
            new SpecOptions { Command = ["/bin/sh", "-c", "mount -t tmpfs x /tmp || unshare -u true"], CapAdd = ["SYS_ADMIN"] }
        );
        Assert.Equal(0, (await bundle.RunAsync(spec)).Code);
        spec.Linux!.Seccomp = SeccompProfile.Default(CapabilityNames.Default.ToArray(), HostFacts.Detect().Architecture, null);
        Assert.NotEqual(0, (await bundle.RunAsync(spec)).Code);
    }

    [Fact]
    public async Task Threads_and_processes_still_work_under_the_profile() =>
        Assert.Equal("a\nb\n", await Run(new SpecOptions(), "(echo a) & wait; echo b | cat"));

    [Fact]
    public async Task Privileged_mounts_and_sees_the_host_s_devices()
    {
        var output = await Run(
            new SpecOptions { Privileged = true },
            "mount -t tmpfs x /tmp && echo mounted; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status; dd if=/dev/kmsg of=/dev/null count=0 2>/dev/null && echo kmsg; touch /proc/sys/kernel/hostname && echo writable"
        );
        Assert.Contains("mounted", output, StringComparison.Ordinal);
        var bounding = (await File.ReadAllLinesAsync("/proc/self/status", TestContext.Current.CancellationToken))
            .Single(line => line.StartsWith("CapBnd", StringComparison.Ordinal))
            .Split('\t')[1];
        Assert.Contains($"CapEff:\t{bounding}", output, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t0", output, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t0", output, StringComparison.Ordinal);
        Assert.Contains("writable", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_root_cannot_be_written_but_run_can()
    {
        var output = await Run(new SpecOptions { ReadOnly = true }, "touch /x 2>/dev/null || echo refused; touch /run/x && echo ok");
        Assert.Equal("refused\nok\n", output);
        Assert.False(File.Exists($"{bundle.Rootfs}/x"));
    }

    [Theory]
    [InlineData("web", "uid=1000(web) gid=1000(web) groups=1000(web),2000(logs)", "/tmp")]
    [InlineData("1000", "uid=1000(web) gid=1000(web) groups=1000(web),2000(logs)", "/tmp")]
    [InlineData("web:logs", "uid=1000(web) gid=2000(logs) groups=2000(logs)", "/tmp")]
    [InlineData("77:88", "uid=77 gid=88 groups=88", "/")]
    public async Task The_user_has_its_groups_and_home_and_no_capabilities(string user, string id, string home)
    {
        var output = await Run(new SpecOptions { User = user }, "id; echo $HOME; grep CapEff: /proc/self/status");
        Assert.Equal($"{id}\n{home}\nCapEff:\t0000000000000000\n", output);
    }

    [Fact]
    public async Task Dropped_capabilities_are_gone()
    {
        Assert.Equal("CapEff:\t0000000000000000\n", await Run(new SpecOptions { CapDrop = ["ALL"] }, "grep CapEff: /proc/self/status"));
        Assert.Equal(
            "CapEff:\t0000000000000020\n",
            await Run(new SpecOptions { CapDrop = ["all"], CapAdd = ["kill"] }, "grep CapEff: /proc/self/status")
        );
    }

    [Fact]
    public async Task Limits_reach_the_process_and_its_cgroup()
    {
        var v2 = File.Exists("/sys/fs/cgroup/cgroup.controllers");
        var options = new SpecOptions
        {
            Limits = new()
            {
                Memory = CtrSize.Parse("64m"),
                PidsLimit = 50,
                Cpu = 0.5m,
            },
            Ulimits = [CtrUlimit.Parse("nofile=100:200"), CtrUlimit.Parse("core=0")],
            OomScoreAdj = 321,
            ShmSize = CtrSize.Parse("2m"),
            Hostname = "other",
            Env = ["X=a b"],
            Cwd = "/tmp",
            Sysctls = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" },
            // On v1 the container has no cgroup mount of its own.
            Mounts = v2 ? [] : [CtrMount.Parse("/sys/fs/cgroup:/cg:ro")],
        };
        const string Seen =
            "ulimit -n; ulimit -Hn; ulimit -c; cat /proc/self/oom_score_adj; hostname; pwd; echo $X; cat /proc/sys/net/ipv4/ip_forward; df -k /dev/shm | grep -c ' 2048 '; cat ";
        var (group, id) = (RuncBundle.Namespace, bundle.Id);
        var output = await Run(
            options,
            Seen
                + (
                    v2
                        ? "/sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/cpu.max"
                        : $"/cg/memory/{group}/{id}/memory.limit_in_bytes /cg/pids/{group}/{id}/pids.max /cg/cpu/{group}/{id}/cpu.cfs_quota_us"
                )
        );
        var expected = string.Create(
            CultureInfo.InvariantCulture,
            $"100\n200\n0\n321\nother\n/tmp\na b\n1\n1\n{64 << 20}\n50\n50000{(v2 ? " 100000" : "")}\n"
        );
        Assert.Equal(expected, output);
    }

    [Fact]
    public async Task Mounts_and_devices_exist()
    {
        Directory.CreateDirectory($"{bundle.Folder}/data/sub");
        var options = new SpecOptions
        {
            Mounts =
            [
                CtrMount.Parse($"{bundle.Folder}/data:/data:ro"),
                CtrMount.Parse("type=tmpfs,target=/data/sub,tmpfs-size=1m"),
                CtrMount.Parse("type=tmpfs,target=/fresh,tmpfs-mode=700"),
                CtrMount.Parse($"{bundle.Folder}/data:/w"),
            ],
            Devices = [CtrDevice.Parse("/dev/null:/dev/other:r")],
        };
        var output = await Run(
            options,
            "touch /data/x 2>/dev/null || echo refused; touch /data/sub/x /w/y && echo ok; stat -c %a /fresh; ls -l /dev/other | grep -o '^c'"
        );
        Assert.Equal("refused\nok\n700\nc\n", output);
        Assert.True(File.Exists($"{bundle.Folder}/data/y"));
    }

    [Fact]
    public async Task Devices_that_were_not_requested_cannot_be_used() =>
        Assert.Equal(
            "refused\n",
            await Run(new SpecOptions(), "mknod /tmp/kmsg c 1 11 && cat /tmp/kmsg >/dev/null 2>&1 && echo read || echo refused")
        );

    [Fact]
    public async Task Host_namespaces_are_the_host_s()
    {
        var output = await Run(
            new SpecOptions
            {
                HostNetwork = true,
                HostPid = true,
                HostIpc = true,
            },
            "for n in net pid ipc uts; do ls -l /proc/self/ns/$n | grep -o '[^ ]*$'; done"
        );
        var host = Kinds.Select(n => File.ResolveLinkTarget($"/proc/self/ns/{n}", returnFinalTarget: false)!.Name).ToArray();
        var container = output.TrimEnd().Split('\n');
        Assert.Equal(host[..3], container[..3]);
        Assert.NotEqual(host[3], container[3]);
    }

    [Fact]
    public async Task A_terminal_is_recognized()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "This needs script, which gives runc a terminal.");
        var spec = bundle.Build(new SpecOptions { Tty = true, Command = ["/bin/sh", "-c", "[ -t 0 ] && [ -t 1 ] && echo $TERM yes"] });
        await File.WriteAllTextAsync($"{bundle.Folder}/config.json", spec.ToJson(), TestContext.Current.CancellationToken);
        Assert.Contains(
            "xterm yes",
            await Shell.RunAsync(
                "script",
                "-qec",
                $"runc --root {bundle.Folder}/state run --bundle {bundle.Folder} {bundle.Id}",
                "/dev/null"
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_exec_s_process_runs_in_the_container()
    {
        var spec = bundle.Build(
            new SpecOptions
            {
                Command = ["/bin/sleep", "60"],
                User = "web",
                Env = ["A=b"],
                Cwd = "/tmp",
            }
        );
        await File.WriteAllTextAsync($"{bundle.Folder}/config.json", spec.ToJson(), TestContext.Current.CancellationToken);
        var state = $"{bundle.Folder}/state";
        await Shell.RunAsync(
            "sh",
            "-c",
            $"runc --root {state} run --detach --bundle {bundle.Folder} {bundle.Id} </dev/null >/dev/null 2>&1"
        );
        try
        {
            var pid = await File.ReadAllTextAsync($"{state}/{bundle.Id}/state.json", TestContext.Current.CancellationToken) is var text
                ? System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("init_process_pid").GetInt32()
                : 0;
            var users = UserLookup.In($"/proc/{pid}/root");
            Assert.Equal(
                "uid=1000(web) gid=1000(web) groups=1000(web),2000(logs)\n/tmp\nb\n",
                await Exec(new ExecOptions { Command = ["/bin/sh", "-c", "id; pwd; echo $A"] })
            );
            Assert.Equal(
                "uid=0(root) gid=0(root) groups=0(root)\n/\nc\n",
                await Exec(
                    new ExecOptions
                    {
                        Command = ["/bin/sh", "-c", "id; pwd; echo $A"],
                        User = "root",
                        Cwd = "/",
                        Env = ["A=c"],
                    }
                )
            );
            Assert.Contains(
                "NoNewPrivs:\t0",
                await Exec(
                    new ExecOptions
                    {
                        Command = ["/bin/cat", "/proc/self/status"],
                        User = "0:0",
                        Privileged = true,
                    }
                ),
                StringComparison.Ordinal
            );

            async Task<string> Exec(ExecOptions options)
            {
                var process = SpecBuilder.ExecProcess(spec, options, HostFacts.Detect(), users);
                await File.WriteAllTextAsync($"{bundle.Folder}/process.json", process.ToJson());
                return await Shell.RunAsync("runc", "--root", state, "exec", "--process", $"{bundle.Folder}/process.json", bundle.Id);
            }
        }
        finally
        {
            await Shell.RunAsync("runc", "--root", state, "delete", "--force", bundle.Id);
        }
    }

    private async Task<string> Run(SpecOptions options, string script)
    {
        var (code, output, error) = await bundle.RunAsync(options, script);
        Assert.True(code == 0 || output.Length > 0, $"{code}: {error}");
        return output;
    }
}
