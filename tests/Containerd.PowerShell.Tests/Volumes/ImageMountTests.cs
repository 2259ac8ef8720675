using System.Management.Automation;
using Containerd.PowerShell.Tests.Checkpoints;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Volumes;

/// <summary>Images that containers mount.</summary>
public sealed class ImageMountTests(DaemonFixtures fixtures) : CheckpointTest(fixtures)
{
    // No other test has it.
    private string Image => $"docker.io/library/{Id}:2";

    [Theory]
    [InlineData("bookworm", "overlayfs")]
    [InlineData("bookworm", "native")]
    [InlineData("sid", "overlayfs")]
    public async Task An_image_is_mounted_read_only_and_stays_as_long_as_the_container(string suite, string snapshotter)
    {
        Use(await DaemonFixtures.GetAsync(suite));
        await MakeImageAsync();
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -Snapshotter {snapshotter} -Mount "
                + $"'type=image,source={Image},target=/mnt/x', 'type=image,src={Id}:2,dst=/sub,subpath=link/old/../keep,ro', "
                + $"'type=image,source={Image},target=/file,image-subpath=/link/old/new', 'type=image,source={Busybox},target=/one,option=noexec', "
                + $"'type=image,source={Image},target=/old,subpath=data/old' {Idle}"
        );
        Assert.Contains(Image, Engine.Require<CtrImageCleanup>($"Clear-CtrImage {Id}* -Confirm:$false").InUse);
        Engine.Require($"Remove-CtrImage {Id}:2; $null = Start-CtrTask {Id}");
        await CollectAsync();
        Assert.Equal(5, Views(snapshotter).Count);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(
                "keep old|new|k k2|k2|new|busybox|new",
                Text(
                    $"Invoke-CtrExec {Id} -- sh -c 'cd /mnt/x/data; echo $(ls)\"|\"$(ls old)\"|\"$(ls /sub)\"|\"$(cat /sub/k2)\"|\"$(cat /file)\"|\"$(ls /one/bin/busybox | cut -d/ -f4)\"|\"$(ls /old)'"
                )
            );
            foreach (var path in new[] { "/mnt/x/y", "/sub/y", "/file", "/one/y" })
                Assert.Contains(
                    "Read-only file system",
                    Text($"Invoke-CtrExec {Id} -StandardError Output -AllowExitCode 1 -- sh -c 'echo > {path}'"),
                    StringComparison.Ordinal
                );
            Assert.Contains(
                "denied",
                Text($"Invoke-CtrExec {Id} -StandardError Output -AllowExitCode 126 -- sh -c '/one/bin/busybox true'"),
                StringComparison.Ordinal
            );
            Engine.Require($"Restart-CtrTask {Id} -Timeout 0");
        }

        // Their views belong to the first container.
        var other = Engine.Require<CtrContainer>($"New-CtrContainer {Id}-2 -Image {Busybox} -VolumesFrom {Id} {Idle}");
        Assert.DoesNotContain(other.Spec!.Mounts!, mount => mount.Destination.StartsWith("/mnt/x", StringComparison.Ordinal));
        // A client that knows nothing of it.
        if (snapshotter == "native")
        {
            Engine.Require($"Stop-CtrTask {Id} -Force; Remove-CtrTask {Id}");
            await DaemonFixture.CtrAsync("containers", "rm", Id);
            await CollectAsync();
        }
        else
        {
            Engine.Require($"Rename-CtrContainer {Id} {Id}-new; Remove-CtrContainer {Id}-new -Force");
        }

        Assert.Empty(Views(snapshotter));
    }

    [Fact]
    public async Task A_creation_that_fails_leaves_no_view_and_each_mistake_has_its_error()
    {
        await MakeImageAsync();
        var good = $"'type=image,source={Image},target=/x'";
        foreach (
            var (mount, error, told) in new[]
            {
                ($"{good}, 'type=image,source={Image},target=/y,subpath=data/nothing'", ErrorIds.MountSourceNotFound, "data/nothing"),
                ($"{good}, 'type=image,source={Image},target=/y,subpath=data/old/new/x'", ErrorIds.MountSourceNotFound, "data/old/new/x"),
                ($"{good}, 'type=image,source={Id}-none,target=/y'", ErrorIds.ImageNotFound, "Receive-CtrImage"),
                (
                    $"{good}, 'type=image,source={Image},target=/y,subpath={string.Concat(Enumerable.Repeat("/nothing", 550))}'",
                    ErrorIds.InvalidMount,
                    "longer"
                ),
                ($"{good} -UidMap 0:100000:65536 -GidMap 0:100000:65536", ErrorIds.MountNotSupported, "mapped ids"),
                ($"{good}, 'type=image,source={Image},target=/x/../x'", ErrorIds.DuplicateMountTarget, "/x"),
                ($"{good} -Network {Id}-none", ErrorIds.NetworkNotFound, "Network"),
            }
        )
        {
            var done = Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -Mount {mount} -- true");
            Assert.StartsWith(
                error + ",",
                $"{(done.Errors.Count > 0 ? done.Error.FullyQualifiedErrorId : "none")}",
                StringComparison.Ordinal
            );
            Assert.Contains(told, $"{done.Error} {done.Error.ErrorDetails?.RecommendedAction}", StringComparison.Ordinal);
            Assert.Empty(Views("overlayfs"));
            await AssertGoneAsync(Id);
        }

        foreach (
            var mount in new[]
            {
                $"source={Image},readonly=false",
                $"source={Image},options=rbind:rw",
                $"source={Image},option=rshared",
                "ro",
            }
        )
            Assert.StartsWith(
                ErrorIds.InvalidMount,
                Assert.Throws<CtrArgumentException>(() => CtrMount.Parse($"type=image,target=/x,{mount}")).ErrorId,
                StringComparison.Ordinal
            );
        Assert.Throws<CtrArgumentException>(() => CtrMount.Parse("type=bind,source=/a,target=/x,subpath=b"));
        var text = $"type=image,source={Image},target=/x,subpath=data,readonly";
        Assert.Equal(text, CtrMount.Parse(text).ToString());

        // Without an image of its own, nothing else holds the view while the container is created.
        var root = Directory.CreateDirectory(Path.Combine(Folder, "root")).FullName;
        Engine.Require($"New-CtrContainer {Id} -Rootfs {root} -Mount {good} -- true");
        await CollectAsync();
        Assert.Single(Views("overlayfs"));
        Engine.Require($"Remove-CtrContainer {Id}");
        Assert.Empty(Views("overlayfs"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_restored_container_has_its_own_view(string suite)
    {
        await UseCriuAsync(suite);
        await MakeImageAsync();
        await StartCounterAsync($"-Mount 'type=image,source={Image},target=/x', 'type=image,source={Busybox},target=/one'");
        Engine.Require($"Export-CtrImage {Image} '{CheckpointPath}.image.tar'");
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}.tar'; Remove-CtrContainer {Id} -Force");
        Engine.Require($"Restore-CtrContainer '{CheckpointPath}.tar' {Id}-new");
        await CountsOnAsync($"{Id}-new");
        Assert.Equal(2, Views("overlayfs").Count);
        Assert.Equal("new", Text($"Invoke-CtrExec {Id}-new -- ls /x/data/old"));
        Engine.Require($"Remove-CtrContainer {Id}-new -Force; Remove-CtrImage {Image}");
        var missing = Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}.tar' {Id}-new").Error;
        AssertError(missing, ErrorIds.ImageNotFound, "RestoreCtrContainer", ErrorCategory.ObjectNotFound);
        Engine.Require($"Get-CtrImage {Id}:1 | Set-CtrImage -Tag {Image}");
        var changed = Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}.tar' {Id}-new").Error;
        AssertError(changed, ErrorIds.CheckpointMismatch, "RestoreCtrContainer", ErrorCategory.InvalidArgument);
        Assert.Empty(Views("overlayfs"));

        // The same layers, unpacked again: they have other folders, and CRIU would mount the former ones.
        Engine.Require($"Remove-CtrImage {Image}, {Id}:1");
        await CollectAsync();
        Engine.Require($"Import-CtrImage '{CheckpointPath}.image.tar'");
        var moved = Engine.Invoke($"Restore-CtrContainer '{CheckpointPath}.tar' {Id}-new").Error;
        AssertError(moved, ErrorIds.CheckpointMismatch, "RestoreCtrContainer", ErrorCategory.InvalidArgument);
        Assert.Contains("in other folders", moved.ToString(), StringComparison.Ordinal);
        Assert.Empty(Views("overlayfs"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_is_started_from_a_checkpoint_in_a_container_whose_image_is_bound_from_another_folder(string suite)
    {
        await UseCriuAsync(suite);
        await MakeImageAsync();
        await StartCounterAsync($"-Snapshotter native -Mount 'type=image,source={Image},target=/x,subpath=data/old'");
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit; Remove-CtrTask {Id}");
        Engine.Require($"$null = Restore-CtrContainer '{CheckpointPath}' {Id}-new -NoStart");
        Engine.Require($"$null = Start-CtrTask {Id}-new -CheckpointPath '{CheckpointPath}'");
        await CountsOnAsync($"{Id}-new");
        Assert.Equal("new", Text($"Invoke-CtrExec {Id}-new -- ls /x"));
        Assert.DoesNotContain(
            Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Mounts!.Single(mount => mount.Destination == "/x").Options!,
            option => option == "rro"
        );
    }

    [Fact]
    public async Task A_label_that_another_client_wrote_does_not_prevent_a_removal()
    {
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -- sleep 1000");
        const string Label =
            """containerd-powershell/image-mount.0={"Target":"/x","Image":"a","SubPath":"","Options":[],"Parent":"","Snapshotter":"nosuch","View":"v"}""";
        await DaemonFixture.CtrAsync("containers", "label", Id, Label);
        Engine.Require($"Remove-CtrContainer {Id}");
        Assert.Empty(Engine.Require($"Get-CtrContainer {Id}*"));
    }

    /// <summary>Makes an image of three layers: the last one deletes a file and replaces a directory.</summary>
    private Task MakeImageAsync()
    {
        Engine.Require(
            $$"""
            Invoke-CtrContainer {{Busybox}} -Keep -Id {{Id}}-1 -- sh -c 'mkdir -p /data/old /data/keep; touch /data/old/a /data/keep/k /data/gone; ln -s data /link'
            $null = New-CtrImage {{Id}}-1 {{Id}}:1
            Invoke-CtrContainer {{Id}}:1 -Keep -Id {{Id}}-3 -- sh -c 'rm -r /data/old /data/gone; mkdir /data/old; echo new > /data/old/new; echo k2 > /data/keep/k2'
            $null = New-CtrImage {{Id}}-3 {{Id}}:2
            Remove-CtrContainer {{Id}}-1, {{Id}}-3 -Force
            """
        );
        return Task.CompletedTask;
    }

    /// <summary>Runs the garbage collector, as any client can.</summary>
    private async Task CollectAsync()
    {
        var lease = PrivateDaemon.Unique("lease");
        await DaemonFixture.CtrAsync("leases", "create", "--id", lease);
        await DaemonFixture.CtrAsync("leases", "delete", "--sync", lease);
    }

    private IReadOnlyList<PSObject> Views(string snapshotter) =>
        [
            .. Engine
                .Require($"Get-CtrSnapshot -Snapshotter {snapshotter}")
                .Where(view => ((CtrSnapshot)view.BaseObject).Name.StartsWith($"{Id}", StringComparison.Ordinal))
                .Where(view => ((CtrSnapshot)view.BaseObject).Name.Contains("-image-mount-", StringComparison.Ordinal)),
        ];

    private string Text(string script) => string.Join('\n', Engine.Require(script).Select(line => line.ToString()));
}
