using System.Management.Automation;
using Containerd.Client.Workloads.Stats;
using Containerd.Host.Native;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Containers with a user namespace: whose ids their processes and files have, inside and outside.</summary>
public sealed class IdMapTests(DaemonFixtures fixtures) : SpecEffectTest(fixtures)
{
    private const string Map = "-UidMap 0:100000:65536 -GidMap 0:200000:65536";

    [Theory]
    [InlineData("bookworm", "overlayfs")]
    [InlineData("bookworm", "native")]
    [InlineData("sid", "overlayfs")]
    public async Task Root_is_another_user_of_the_host_and_owns_the_files_of_the_image(string suite, string snapshotter)
    {
        if (suite != "bookworm")
            Use(await DaemonFixtures.GetAsync(suite));
        var (image, second) = (await ImageAsync(snapshotter), NewId());
        var before = await CopiesAsync(snapshotter);
        var task = Engine.Require<CtrTask>(
            $"New-CtrContainer {Id} -Image {image} -Snapshotter {snapshotter} {Map} -AllowNewPrivileges {Idle} | Start-CtrTask"
        );

        Assert.Equal("100000\t100000\t100000\t100000", Field(task, "Uid"));
        Assert.Equal("200000\t200000\t200000\t200000", Field(task, "Gid"));
        const string Files = "stat -c '%n %u:%g %a %h' /bin/busybox /kept/suid /kept/other /kept/own; stat -c '%n %u:%g %a' /kept /";
        Assert.Equal(
            "0 0\n/bin/busybox 0:0 755 1\n/kept/suid 0:0 6755 2\n/kept/other 0:0 6755 2\n/kept/own 1000:29 640 1\n/kept 0:0 755\n/ 0:0 755",
            Exec($"echo $(id -u) $(id -g) > /dev/stdout; {Files}")
        );
        var root = $"/proc/{task.Pid}/root";
        Assert.Equal(
            "100000:200000 6755 2 101000:200029 640 1",
            (await Shell.RunAsync("stat", "-c", "%u:%g %a %h", $"{root}/kept/suid", $"{root}/kept/own")).Trim().Replace('\n', ' ')
        );
        Assert.Equal("1000 29", Exec("echo $(id -u) $(id -g)", "-User app:audio"));
        Assert.Equal("0000000000002000", Exec("/kept/able/busybox awk \"/^CapEff/ { print \\$2 }\" /proc/self/status", "-User app"));
        Assert.Equal("made 0:0", Exec("echo x > /made; stat -c 'made %u:%g' /made"));

        // A file that is copied in belongs to the container's root, whose number is another one on the host.
        File.WriteAllText(Path.Combine(Folder, "file"), "content");
        Engine.Require($"Copy-CtrItem {Folder}/file {Id}:/kept/copied");
        Assert.Equal("0:0 content", Exec("echo $(stat -c %u:%g /kept/copied) $(cat /kept/copied)"));

        // The next container needs no further copy, and the last one takes the copy along.
        Engine.Require($"New-CtrContainer {second} -Image {image} -Snapshotter {snapshotter} {Map} {Idle} | Start-CtrTask");
        var byMounts = Engine.Require<bool>(
            $"(Get-CtrPlugin -Filter 'type==io.containerd.snapshotter.v1,id=={snapshotter}').Capabilities -contains 'remap-ids'"
        );
        Assert.Equal(byMounts ? 0 : 1, (await CopiesAsync(snapshotter)).Except(before).Count());
        AssertError(
            Assert.Single(Engine.Invoke($"New-CtrImage {second} -Name never:1").Errors),
            ErrorIds.IdMapNotSupported,
            "NewCtrImage",
            ErrorCategory.NotImplemented
        );
        Engine.Require($"Get-CtrContainer {Id}, {second} | Remove-CtrContainer -Force");
        await AssertGoneAsync(Id);
        await AssertGoneAsync(second);
        var lease = PrivateDaemon.Unique("collect");
        await DaemonFixture.CtrAsync("leases", "create", "--id", lease);
        await DaemonFixture.CtrAsync("leases", "delete", "--sync", lease);
        Assert.Empty((await CopiesAsync(snapshotter)).Except(before));
        Engine.Require($"Remove-CtrImage {image}");
    }

    [Fact]
    public async Task Containers_that_are_created_at_the_same_time_share_one_copy()
    {
        var ids = Enumerable.Range(0, 3).Select(_ => NewId()).ToArray();
        var before = await CopiesAsync("overlayfs");
        var engines = ids.Select(_ => DaemonFixture.Open()).ToArray();
        try
        {
            await Task.WhenAll(
                ids.Zip(engines)
                    .Select(pair =>
                        Task.Run(() => pair.Second.Require($"New-CtrContainer {pair.First} -Image {Busybox} -UidMap 0:300000:65536 {Idle}"))
                    )
            );
        }
        finally
        {
            foreach (var engine in engines)
                engine.Dispose();
        }

        Assert.Single((await CopiesAsync("overlayfs")).Except(before));
        Assert.Empty(await UnfinishedAsync());
        foreach (var id in ids)
            Assert.Equal($"300000", Field(Engine.Require<CtrTask>($"Start-CtrTask {id}"), "Uid").Split('\t')[0]);
    }

    [Theory]
    [InlineData("-HostNetwork", "ls /sys/class/net/lo > /dev/null && echo ok")]
    [InlineData("-HostPid", "ls /proc/1/status")]
    [InlineData("-HostIpc", "ls -d /dev/shm")]
    [InlineData("-Device /dev/kmsg", "ls /dev/kmsg")]
    [InlineData("-Mount 'type=tmpfs,dst=/data'", "touch /data/x && ls /data/x")]
    [InlineData("-ReadOnly -User app", "id -u")]
    public void Other_options_can_be_combined_with_it(string option, string script)
    {
        var expected =
            option.Contains("User", StringComparison.Ordinal) ? "1000"
            : script.Contains("ok", StringComparison.Ordinal) ? "ok"
            : script.Split(' ')[^1];
        Assert.Equal(expected, Run($"-UidMap 0:100000:65536 {option}", script));
    }

    [Theory]
    [InlineData("-UidMap 0:100000:1000,1000:200000:64536", "1000 999")]
    [InlineData("-GidMap @{ ContainerId = 0; HostId = 100000; Size = 65536 }", "1000 999")]
    [InlineData("-UidMap 0:100000:4,4:100004:2000 -GidMap 0:5000:2000", "1000 999")]
    public void Several_ranges_and_objects_work_and_one_kind_is_used_for_both(string option, string expected) =>
        Assert.Equal(expected, Run(option + " -User 1000:999", "echo $(id -u) $(id -g)"));

    [Fact]
    public void A_spec_with_a_mapping_is_used_like_the_parameters()
    {
        var task = Engine.Require<CtrTask>(
            $"""
            $spec = New-CtrSpec {Id} -Image {Busybox} {Map} {Idle}
            New-CtrContainer {Id} -Image {Busybox} -Spec $spec | Start-CtrTask
            """
        );
        Assert.Equal("0:100000:65536", Engine.Require<string>($"\"$((Get-CtrContainer {Id}).Spec.Linux.UidMappings)\""));
        Assert.Equal("100000", Field(task, "Uid").Split('\t')[0]);
        Assert.Equal("0:0", Exec("stat -c %u:%g /bin/busybox"));
        Assert.Equal(
            "0:100000:65536",
            Engine.Require<string>($"\"$([Containerd.CtrIdMapping[]](Get-CtrContainer {Id}).Spec.Linux.UidMappings)\"")
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("-LogFormat Timestamped")]
    public async Task The_containers_root_opens_its_standard_streams_by_name(string options)
    {
        await StartAsync(
            "-- sh -c 'echo out > /dev/stdout; echo err > /dev/stderr; echo ready; sleep 1000'",
            options: Map,
            startOptions: options
        );
        await Eventually.TrueAsync(() =>
            Engine
                .Require($"Get-CtrLog {Id} | ForEach-Object ToString")
                .Select(l => l.ToString())
                .Order(StringComparer.Ordinal)
                .SequenceEqual(["err", "out", "ready"])
        );
    }

    [Theory]
    [InlineData("-UidMap 0:100000:65536 -Privileged", ErrorIds.IdMapConflict)]
    [InlineData("-UidMap 0:100000:65536 -Device /dev/fuse:/dev/other", ErrorIds.IdMapConflict)]
    [InlineData("-UidMap 1:100000:65536", ErrorIds.InvalidIdMap)]
    [InlineData("-UidMap 0:100000:10,5:200000:10", ErrorIds.InvalidIdMap)]
    [InlineData("-UidMap 0:100000:10,20:100005:10", ErrorIds.InvalidIdMap)]
    [InlineData("-UidMap 0:100000:1000 -GidMap 5:100000:10", ErrorIds.InvalidIdMap)]
    [InlineData("-UidMap @{ HostId = 100000 }", ErrorIds.InvalidIdMap)]
    [InlineData("-UidMap 0:100000:1000 -User 1000", ErrorIds.IdNotMapped)]
    [InlineData("-UidMap 0:100000:1000", ErrorIds.IdNotMapped)]
    public async Task Options_that_cannot_work_are_rejected_and_leave_nothing(string option, string error)
    {
        AssertError(
            Assert.Single(Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} {option} {Idle}").Errors),
            error,
            "NewCtrContainer",
            ErrorCategory.InvalidArgument
        );
        Assert.Empty(await UnfinishedAsync());
        await AssertGoneAsync(Id);
    }

    [Theory]
    [InlineData("0:1", "has 2 parts instead of 3")]
    [InlineData("a:1:1", "is not a number, 'a'")]
    [InlineData("0:1:0", "its count is 0")]
    [InlineData("0:4294967296:1", "above 4294967295, 4294967296")]
    [InlineData("0:4294967290:10", "above 4294967294")]
    public void A_text_that_is_not_a_mapping_is_rejected_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Engine.Invoke($"New-CtrSpec x -UidMap {text} -- true").Error.Exception.Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_daemon_on_another_host_is_refused_before_anything_is_created()
    {
        using var relay = new SocketRelay(DaemonFixture.Daemon.SocketPath);
        Engine.Require($"$far = Connect-CtrSession http://{relay.Address} -Namespace {DaemonFixture.Namespace}");
        AssertError(
            Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -UidMap 0:100000:65536 -Session $far {Idle}").Error,
            ErrorIds.DaemonNotLocal,
            "NewCtrContainer",
            ErrorCategory.NotImplemented
        );
        Engine.Require("Disconnect-CtrSession $far");
        await AssertGoneAsync(Id);
    }

    private static string Field(CtrTask task, string field) =>
        File.ReadLines($"/proc/{task.Pid}/status").Single(l => l.StartsWith(field + ":\t", StringComparison.Ordinal))[(field.Length + 2)..];

    private string Exec(string script, string options = "") =>
        Engine
            .Require<string>(
                $"Invoke-CtrExec {Id} {options} -Raw -StandardError Output -- sh -c '{script.Replace("'", "''", StringComparison.Ordinal)}'"
            )
            .TrimEnd('\n');

    /// <summary>An image with what a change of owner would break: set-user-id bits, two names of one file, another owner.</summary>
    private async Task<string> ImageAsync(string snapshotter)
    {
        var id = NewId("owners");
        var task = Engine.Require<CtrTask>($"New-CtrContainer {id} -Image {Busybox} -Snapshotter {snapshotter} {Idle} | Start-CtrTask");
        Engine.Require(
            $"Invoke-CtrExec {id} -- sh -ec 'mkdir -p /kept/able; cp /bin/busybox /kept/able/; cp /bin/busybox /kept/suid; chmod 6755 /kept/suid; ln /kept/suid /kept/other; echo x > /kept/own; chown 1000:29 /kept/own; chmod 640 /kept/own'"
        );
        // Version 2 of the attribute, effective: CAP_NET_RAW (13) alone.
        using (var able = LibcMounts.Open($"/proc/{task.Pid}/root/kept/able/busybox", LibcMounts.O_RDONLY, out _)!)
            Assert.Equal(
                0,
                LibcFiles.SetAttribute(able, [.. "security.capability"u8], [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            );
        Engine.Require($"$null = New-CtrImage {id} -Name {id}:test; Remove-CtrContainer {id} -Force");
        return $"{id}:test";
    }

    private async Task<IReadOnlyList<string>> CopiesAsync(string snapshotter) =>
        [.. (await SnapshotsAsync(snapshotter)).Where(n => n.Contains("-idmap-", StringComparison.Ordinal))];

    /// <summary>Copies that are not committed: none is left when a command has ended.</summary>
    private async Task<IReadOnlyList<string>> UnfinishedAsync() =>
        [.. (await SnapshotsAsync("overlayfs")).Where(n => n.StartsWith("idmap-", StringComparison.Ordinal))];

    private async Task<IEnumerable<string>> SnapshotsAsync(string snapshotter) =>
        (await DaemonFixture.CtrAsync("snapshots", "--snapshotter", snapshotter, "list")).Split('\n').Select(l => l.Split(' ')[0]);
}
