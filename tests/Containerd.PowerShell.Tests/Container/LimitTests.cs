using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Limits on what a container uses, read back where the kernel keeps them.</summary>
public sealed class LimitTests(DaemonFixtures fixtures) : SpecEffectTest(fixtures)
{
    [Fact]
    public async Task Memory_processes_and_processors_are_limited()
    {
        var task = await StartAsync(
            options: "-Memory 64m -MemorySwap 128m -MemoryReservation 32m -PidsLimit 50 -Cpu 0.5 -CpuShares 512 -CpusetCpus 0 -CpusetMems 0"
        );
        Assert.Equal("67108864", Cgroup(task, "memory", "memory.limit_in_bytes", "memory.max"));
        // Some kernels do not account for swap.
        if (Cgroup(task, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max") is { } swap)
            Assert.Contains(swap, new List<string> { "134217728", "67108864" });
        Assert.Equal("33554432", Cgroup(task, "memory", "memory.soft_limit_in_bytes", "memory.low"));
        Assert.Equal("50", Cgroup(task, "pids", "pids.max", "pids.max"));
        var (quota, period) = (Cgroup(task, "cpu", "cpu.cfs_quota_us", "cpu.max"), Cgroup(task, "cpu", "cpu.cfs_period_us", "cpu.max"));
        if (quota == period)
            Assert.Equal("50000 100000", quota);
        else
            Assert.Equal(("50000", "100000"), (quota, period));
        Assert.Contains(Cgroup(task, "cpu", "cpu.shares", "cpu.weight"), new List<string?> { "512", "20", "59" });
        Assert.Equal("0", Cgroup(task, "cpuset", "cpuset.cpus", "cpuset.cpus"));
        var resources = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Linux!.Resources!;
        Assert.Equal(134217728, resources.Memory!.Swap);
    }

    [Fact]
    public async Task Processor_time_is_also_available_in_the_kernels_terms()
    {
        var task = await StartAsync(options: "-CpuQuota 30000 -CpuPeriod 60000");
        Assert.Contains(Cgroup(task, "cpu", "cpu.cfs_quota_us", "cpu.max"), new List<string?> { "30000", "30000 60000" });
        Assert.Contains(Cgroup(task, "cpu", "cpu.cfs_period_us", "cpu.max"), new List<string?> { "60000", "30000 60000" });
        Assert.Equal(
            (ushort)300,
            Engine.Require<CtrSpec>($"New-CtrSpec x -Image {Busybox} -BlkioWeight 300").Linux!.Resources!.BlockIO!.Weight
        );
    }

    [Theory]
    [InlineData("'64m'")]
    [InlineData("64mb")]
    [InlineData("67108864")]
    [InlineData("0.0625gb")]
    [InlineData("([Containerd.CtrSize]'64MiB')")]
    [InlineData("'65536k'")]
    public void A_size_is_a_text_a_number_or_an_object(string size)
    {
        var spec = Engine.Require<CtrSpec>($"New-CtrSpec {Id} -Image {Busybox} -Memory {size} -ShmSize {size}");
        Assert.Equal(67108864, spec.Linux!.Resources!.Memory!.Limit);
        Assert.Contains("size=65536k", spec.Mounts!.Single(mount => mount.Destination == "/dev/shm").Options!);
    }

    [Theory]
    [InlineData("'0,5'")]
    [InlineData("0,5")]
    [InlineData("'1,000.5'")]
    [InlineData("'half'")]
    public void Half_a_processor_is_never_parsed_as_five(string cpu)
    {
        var error = Engine.Invoke($"New-CtrSpec x -Image {Busybox} -Cpu {cpu}").Error;
        Assert.Contains("point", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(50_000, Engine.Require<CtrSpec>($"New-CtrSpec x -Image {Busybox} -Cpu '0.5'").Linux!.Resources!.Cpu!.Quota);
    }

    [Fact]
    public async Task More_processors_than_the_host_has_are_rejected()
    {
        AssertError(
            Engine.Invoke($"New-CtrSpec x -Image {Busybox} -Cpu 5000").Error,
            ErrorIds.InvalidLimit,
            "NewCtrSpec",
            ErrorCategory.InvalidArgument
        );
        AssertError(
            Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -Cpu 5000 -- true").Error,
            ErrorIds.InvalidLimit,
            "NewCtrContainer",
            ErrorCategory.InvalidArgument
        );
        await StartAsync();
        AssertError(
            Engine.Invoke($"Update-CtrTask {Id} -Cpu 5000").Error,
            ErrorIds.InvalidLimit,
            "UpdateCtrTask",
            ErrorCategory.InvalidArgument
        );
        Assert.Null(Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Linux!.Resources!.Cpu!.Quota);
    }

    [Theory]
    [InlineData("0,1", "0,1")]
    [InlineData("0-3,8", "0-3,8")]
    [InlineData("'0-3,8'", "0-3,8")]
    [InlineData("0", "0")]
    public void CpusetCpus_needs_no_quotes(string typed, string wanted)
    {
        var cpu = Engine.Require<CtrSpec>($"New-CtrSpec x -Image {Busybox} -CpusetCpus {typed} -CpusetMems {typed}").Linux!.Resources!.Cpu!;
        Assert.Equal((wanted, wanted), (cpu.Cpus, cpu.Mems));
    }

    [Fact]
    public async Task No_limit_is_minus_one()
    {
        var task = await StartAsync(options: "-Memory 64m -MemorySwap -1 -PidsLimit -1");
        Assert.Equal("67108864", Cgroup(task, "memory", "memory.limit_in_bytes", "memory.max"));
        Assert.Equal("max", Cgroup(task, "pids", "pids.max", "pids.max"));
    }

    [Theory]
    [InlineData("-Ulimit nofile=100:200", "ulimit -Sn; ulimit -Hn", "100\n200")]
    [InlineData("-Ulimit nofile=300", "ulimit -Sn; ulimit -Hn", "300\n300")]
    [InlineData("-Ulimit 'nofile=100:200', 'core=unlimited'", "ulimit -Sn; ulimit -Hc", "100\nunlimited")]
    [InlineData("-Ulimit @{ Name = 'nofile'; Soft = 50; Hard = 60 }", "ulimit -Sn; ulimit -Hn", "50\n60")]
    [InlineData("-Ulimit ([Containerd.CtrUlimit]@{ Name = 'RLIMIT_NOFILE'; Soft = 51; Hard = 61 })", "ulimit -Sn; ulimit -Hn", "51\n61")]
    [InlineData("-OomScoreAdj 500", "cat /proc/self/oom_score_adj", "500")]
    [InlineData("-ShmSize 8m", "df -k /dev/shm | tail -n 1 | awk '{ print $2 }'", "8192")]
    [InlineData(
        "-Sysctl @{ 'net.ipv4.ip_forward' = 1; 'kernel.shm_rmid_forced' = '1' }",
        "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced",
        "1\n1"
    )]
    public void The_privileges_of_a_process_are_as_requested(string options, string script, string expected) =>
        Assert.Equal(expected, Run(options, script));

    [Fact]
    public async Task A_cgroups_parent_is_a_path()
    {
        var parent = NewId("parent");
        var task = await StartAsync(options: $"-CgroupParent /{parent}/sub -PidsLimit 9");
        Assert.Contains(
            $"/{parent}/sub/{Id}",
            await File.ReadAllTextAsync($"/proc/{task.Pid}/cgroup", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Equal("9", Cgroup(task, "pids", "pids.max", "pids.max"));
        Engine.Require($"Remove-CtrContainer {Id} -Force");
        foreach (
            var folder in Directory
                .GetDirectories("/sys/fs/cgroup")
                .Append("/sys/fs/cgroup")
                .Select(controller => Path.Combine(controller, parent))
                .Where(Directory.Exists)
        )
        {
            // The kernel's own files cannot be deleted, and need not be.
            Directory.Delete(Path.Combine(folder, "sub"));
            Directory.Delete(folder);
        }
    }

    [Theory]
    [InlineData("system.slice", "system.slice:{0}-:{1}")]
    [InlineData("system.slice:app", "system.slice:app:{1}")]
    [InlineData("system.slice:app:name", "system.slice:app:name")]
    public async Task A_slice_is_stored_in_systemds_notation_with_the_option_that_the_runtime_requires(string parent, string path)
    {
        var made = Engine.Require<CtrContainer>($"New-CtrContainer {Id} -Image {Busybox} -CgroupParent {parent}");
        Assert.Equal(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, path, DaemonFixture.Namespace, Id),
            made.Spec!.Linux!.CgroupsPath
        );
        using var info = System.Text.Json.JsonDocument.Parse(await DaemonFixture.CtrAsync("containers", "info", Id));
        var options = info.RootElement.GetProperty("Runtime").GetProperty("Options");
        Assert.Equal("containerd.runc.v1.Options", options.GetProperty("type_url").GetString());
        // systemd_cgroup, field 9, a bool.
        Assert.Equal([0x48, 1], options.GetProperty("value").GetBytesFromBase64());
    }
}
