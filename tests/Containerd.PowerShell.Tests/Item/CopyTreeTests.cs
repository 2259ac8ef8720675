using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Item;

/// <summary>
/// A copy preserves everything in both directions, on each containerd and snapshotter, whether the container runs or not.
/// </summary>
public sealed class CopyTreeTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "overlayfs", "running")]
    [InlineData("bookworm", "overlayfs", "created")]
    [InlineData("bookworm", "overlayfs", "paused")]
    [InlineData("bookworm", "overlayfs", "ended")]
    [InlineData("bookworm", "overlayfs", "never started")]
    [InlineData("bookworm", "native", "running")]
    [InlineData("bookworm", "native", "ended")]
    [InlineData("bookworm", "native", "never started")]
    [InlineData("sid", "overlayfs", "running")]
    [InlineData("sid", "overlayfs", "ended")]
    [InlineData("sid", "overlayfs", "never started")]
    [InlineData("sid", "native", "never started")]
    public async Task A_tree_is_unchanged_after_copying_it_in_and_out(string suite, string snapshotter, string state)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        await SampleTree.MakeAsync($"{Folder}/tree");
        var expected = await SampleTree.ReadAsync($"{Folder}/tree");
        try
        {
            engine.Require(
                $"New-CtrContainer {Id} -Image {Busybox} -Snapshotter {snapshotter} -- sh -c '[ ! -e /once ] && exec sleep 1000'"
            );
            if (state != "never started")
                engine.Require(state == "created" ? $"New-CtrTask {Id}" : $"Start-CtrTask {Id}");
            if (state == "paused")
                engine.Require($"Suspend-CtrTask {Id}");
            if (state == "ended")
                engine.Require($"Stop-CtrTask {Id} -Force; Get-CtrTask {Id}");

            var copied = engine.Require<CtrCopiedItem>($"Copy-CtrItem {Folder}/tree {Id}:/srv/new/tree -Recurse -Force -PassThru");
            Assert.Equal(($"{Folder}/tree", $"{Id}:/srv/new/tree", null), (copied.Source, copied.Destination, copied.HostPath));
            Assert.Equal((Id, fixture.Namespace), (copied.ContainerId, copied.Namespace));
            engine.Require($"Copy-CtrItem {Id}:/srv/new/tree {Folder}/back -Recurse");
            Assert.Equal(expected, await SampleTree.ReadAsync($"{Folder}/back"));
            Assert.Equal(["back", "tree"], Names(Folder));

            if (state is "never started" or "ended" or "created")
                engine.Require($"Start-CtrTask {Id}");
            if (state == "paused")
                engine.Require($"Resume-CtrTask {Id}");
            // What the container itself sees, and that it can go on.
            Assert.Equal(
                "hello 640 1000:29 start|middle|end",
                engine.Require<string>(
                    $"Invoke-CtrExec {Id} -Raw -- sh -c 'cd /srv/new/tree; printf \"$(cat dir/file) $(stat -c \"%a %u:%g\" dir/file) $(dd if=sparse bs=1 count=5 2>/dev/null)|$(dd if=sparse bs=1 skip=536870999 count=6 2>/dev/null)|$(dd if=sparse bs=1 skip=1073741821 2>/dev/null)\"'"
                )
            );
            engine.Require($"Copy-CtrItem {Id}:/srv/new/tree/dir {Folder}/dir-only -Recurse");
            Assert.True(Directory.Exists($"{Folder}/dir-only/empty"));
        }
        finally
        {
            engine.Invoke($"Get-CtrContainer {Id} | Remove-CtrContainer -Force");
        }
    }

    [Fact]
    public async Task A_tree_is_copied_between_containers()
    {
        await SampleTree.MakeAsync($"{Folder}/tree");
        var other = NewId();
        await StartAsync();
        Engine.Require($"New-CtrContainer {other} -Image {Busybox} -- true");
        Engine.Require(
            $"Copy-CtrItem {Folder}/tree {Id}:/one -Recurse; Copy-CtrItem {Id}:/one {other}:/two -Recurse; Copy-CtrItem {other}:/two {Id}:/three -Recurse; Copy-CtrItem {Id}:/three {Folder}/back -Recurse"
        );
        Assert.Equal(await SampleTree.ReadAsync($"{Folder}/tree"), await SampleTree.ReadAsync($"{Folder}/back"));
    }

    [Fact]
    public async Task A_large_file_arrives_complete()
    {
        await StartAsync();
        await Shell.RunAsync("sh", "-c", $"head -c 700000001 /dev/urandom > {Folder}/large");
        Engine.Require($"Copy-CtrItem {Folder}/large {Id}:/tmp; Copy-CtrItem {Id}:/tmp/large {Folder}/back");
        await Shell.RunAsync("cmp", $"{Folder}/large", $"{Folder}/back");
        var digest = (await Shell.RunAsync("sha256sum", $"{Folder}/large")).Split(' ')[0];
        Assert.StartsWith(digest, Engine.Require<string>($"Invoke-CtrExec {Id} -- sha256sum /tmp/large"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merging_into_a_directory_does_not_change_other_items()
    {
        await StartAsync(
            "-- sh -c 'mkdir -p /d/sub; chmod 700 /d; chown 7:8 /d; echo old > /d/sub/old; echo old > /d/sub/both; echo ready; sleep 1000'"
        );
        Directory.CreateDirectory($"{Folder}/d/sub");
        File.WriteAllText($"{Folder}/d/sub/both", "new");
        File.WriteAllText($"{Folder}/d/sub/new", "new");
        Engine.Require($"Copy-CtrItem {Folder}/d {Id}:/ -Recurse");
        Assert.Equal(
            "700 7:8 new old new",
            Engine.Require<string>(
                $"Invoke-CtrExec {Id} -Raw -- sh -c 'printf \"$(stat -c \"%a %u:%g\" /d) $(cat /d/sub/both) $(cat /d/sub/old) $(cat /d/sub/new)\"'"
            )
        );
        Assert.Equal("", Engine.Require<string>($"Invoke-CtrExec {Id} -Raw -- find / -xdev -name '.ctr-copy*'"));
    }

    [Fact]
    public async Task The_kernels_own_file_systems_are_omitted_from_a_tree_and_copied_by_name()
    {
        await StartAsync("-- sh -c 'echo mark > /mark; echo ready; exec sleep 1000'");
        var done = Engine.Invoke($"Copy-CtrItem {Id}:/ {Folder}/root -Recurse -PassThru");
        Assert.Empty(done.Errors);
        // The warning names the first one that the directory lists, which depends on the host's file system.
        Assert.Matches("'[^']*/(proc|sys|dev)' and [0-9]+ more", done.Warnings.Single().Message);
        Assert.Empty(Directory.GetFileSystemEntries($"{Folder}/root/proc"));
        Assert.Equal("mark\n", File.ReadAllText($"{Folder}/root/mark"));
        Assert.Equal("c 1:3", (await Shell.RunAsync("stat", "-c", "c %t:%T", $"{Folder}/root/dev/null")).Trim());

        Engine.Require($"Copy-CtrItem {Id}:/proc/cpuinfo {Folder}; Copy-CtrItem {Id}:/proc/sys/kernel/random {Folder} -Recurse");
        Assert.Contains("processor", File.ReadAllText($"{Folder}/cpuinfo"), StringComparison.Ordinal);
        Assert.NotEmpty(File.ReadAllText($"{Folder}/random/boot_id"));
    }

    [Fact]
    public async Task A_container_without_a_snapshot_is_copied_to_and_from()
    {
        await Shell.RunAsync(
            "sh",
            "-ec",
            $"mkdir -p {Folder}/rootfs/bin {Folder}/rootfs/proc {Folder}/rootfs/dev {Folder}/rootfs/sys; cp /bin/busybox {Folder}/rootfs/bin/; ln -s busybox {Folder}/rootfs/bin/sleep; echo content > {Folder}/file"
        );
        Engine.Require($"New-CtrContainer {Id} -Rootfs {Folder}/rootfs -- /bin/sleep 1000");
        Engine.Require($"Copy-CtrItem {Folder}/file {Id}:/resting");
        Assert.Equal("content\n", File.ReadAllText($"{Folder}/rootfs/resting"));
        Engine.Require($"Start-CtrTask {Id}; Copy-CtrItem {Id}:/resting {Id}:/running");
        Assert.Equal("content\n", File.ReadAllText($"{Folder}/rootfs/running"));
        Engine.Require($"Copy-CtrItem {Id}:/running {Folder}/back");
        Assert.Equal("content\n", File.ReadAllText($"{Folder}/back"));
    }

    [Fact]
    public async Task In_a_user_namespace_owners_are_those_that_the_container_sees()
    {
        await Shell.RunAsync(
            "sh",
            "-ec",
            $"mkdir -p {Folder}/rootfs/bin {Folder}/rootfs/proc {Folder}/rootfs/dev {Folder}/rootfs/sys {Folder}/rootfs/tmp; cp /bin/busybox {Folder}/rootfs/bin/; for a in sh sleep stat; do ln -s busybox {Folder}/rootfs/bin/$a; done; chown -hR 100000:100000 {Folder}/rootfs; chmod 755 {Folder}; echo content > {Folder}/file; chown 1000:29 {Folder}/file"
        );
        Engine.Require(
            $$"""
            $spec = New-CtrSpec {{Id}} -Rootfs {{Folder}}/rootfs -- /bin/sleep 1000
            $spec.Linux.Namespaces += [Containerd.CtrSpecNamespace]@{ Type = 'user' }
            $spec.Linux.UidMappings = @([Containerd.CtrSpecIdMapping]@{ ContainerId = 0; HostId = 100000; Size = 65536 })
            $spec.Linux.GidMappings = @([Containerd.CtrSpecIdMapping]@{ ContainerId = 0; HostId = 200000; Size = 65536 })
            $spec.Mounts = $spec.Mounts | ForEach-Object { if ($_.Type -in 'proc', 'tmpfs') { $_ } }
            New-CtrContainer {{Id}} -Spec $spec
            """
        );
        foreach (var name in new[] { "resting", "running" })
        {
            if (name == "running")
                Engine.Require($"Start-CtrTask {Id}");
            Engine.Require($"Copy-CtrItem {Folder}/file {Id}:/tmp/made/{name} -Force; Copy-CtrItem {Id}:/tmp/made/{name} {Folder}/{name}");
            Assert.Equal("101000:200029 1000:29", await OwnersAsync($"{Folder}/rootfs/tmp/made/{name}", $"{Folder}/{name}"));
        }

        Assert.Equal(
            "0:0 1000:29",
            string.Join(
                ' ',
                Engine.Require($"Invoke-CtrExec {Id} -- /bin/stat -c %u:%g /tmp/made /tmp/made/running").Select(o => o.ToString())
            )
        );
    }

    private static async Task<string> OwnersAsync(params string[] paths) =>
        (await Shell.RunAsync("stat", ["-c", "%u:%g", .. paths])).Trim().Replace('\n', ' ');

    private static string[] Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal)];
}
