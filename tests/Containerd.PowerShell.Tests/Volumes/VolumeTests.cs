using Containerd.Client;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Native;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Volumes;

/// <summary>Volumes as objects, and containers that mount them, on a daemon.</summary>
public sealed class VolumeTests(VolumeDaemon fixture) : IClassFixture<VolumeDaemon>, IDisposable
{
    private static readonly string[] Leftovers = [".new-busy", ".removed-busy", ".new-left", ".removed-left"];

    private const string Declared = VolumeDaemon.Image;
    private readonly Engine _engine = fixture.Open("default");
    private readonly string _id = PrivateDaemon.Unique("c");
    private readonly string _name = PrivateDaemon.Unique("v");
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-volumes-").FullName;

    private string Store => Path.Combine(fixture.Daemon.Daemon.Path, "volumes", "default");

    public void Dispose()
    {
        _engine.Invoke("Get-CtrContainer | Remove-CtrContainer -Force -RemoveVolume; Clear-CtrVolume -All -Confirm:$false");
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_volume_is_created_listed_used_and_removed()
    {
        var created = _engine.Require<CtrVolume>($"New-CtrVolume {_name} -Label app=web");
        Assert.Equal((_name, false, "web"), (created.Name, created.Anonymous, created.Labels["app"]));
        Assert.Equal(Path.Combine(Store, _name, "_data"), created.Path);
        AssertError($"New-CtrVolume {_name}", ErrorIds.VolumeExists, _name);
        Assert.Equal(
            "1\n2",
            Text(
                $"Invoke-CtrContainer {TestImages.Busybox} -v {_name}:/data -- sh -c 'echo 1 > /data/x'; "
                    + $"Invoke-CtrContainer {TestImages.Busybox} -Mount 'type=volume,src={_name},dst=/data' -- sh -c 'cat /data/x; echo 2'"
            )
        );
        Assert.Contains(
            "Read-only file system",
            Text(
                $"Invoke-CtrContainer {TestImages.Busybox} -Volume {_name}:/data:ro -StandardError Output -AllowExitCode 1 -- touch /data/y"
            ),
            StringComparison.Ordinal
        );

        _engine.Require($"New-CtrContainer -Id {_id} -Name web -Image {TestImages.Busybox} -Volume {_name}:/data -- true");
        _engine.Require($"New-CtrContainer -Id {_id}-2 -Image {TestImages.Busybox} -- true");
        foreach (var wanted in new[] { _name, _name[..^1] + "*", "*", "/data", "/dat*" })
        {
            var found = _engine.Require<CtrContainer>($"Get-CtrContainer -Volume '{wanted}'");
            Assert.Equal((_id, _name), (found.ContainerId, Assert.Single(found.Volumes)));
        }

        Assert.Empty(_engine.Require($"Get-CtrContainer -Volume none, {Store}; Remove-CtrContainer {_id}-2"));
        var used = _engine.Require<CtrVolume>($"Get-CtrVolume -Label app=w* -Detailed");
        Assert.Equal(["web"], used.Containers);
        Assert.Equal(2, used.Size);
        Assert.Null(_engine.Require<CtrVolume>($"Get-CtrVolume {_name}").Size);
        Assert.Contains("web", _engine.Display($"Get-CtrVolume {_name}"), StringComparison.Ordinal);
        // On a busy machine, a completion can exceed its time limit and return nothing.
        await Eventually.TrueAsync(() =>
            _engine.Complete($"New-CtrContainer x -Volume {_name[..^1]}") is [{ } mount] && mount.CompletionText == _name + ":"
        );
        await Eventually.TrueAsync(() =>
            _engine.Complete($"Remove-CtrVolume {_name[..^1]}") is [{ } volume] && volume.CompletionText == _name
        );
        AssertError($"Remove-CtrVolume {_name}", ErrorIds.VolumeInUse, "web");
        _engine.Require($"Remove-CtrContainer {_id}; Get-CtrVolume {_name} | Remove-CtrVolume");
        Assert.Empty(Directory.GetFileSystemEntries(Store, _name + "*"));
        AssertError($"Get-CtrVolume {_name}", ErrorIds.VolumeNotFound, _name);
        AssertError($"Remove-CtrVolume {_name}", ErrorIds.VolumeNotFound, "New-CtrVolume");
    }

    [Fact]
    public void A_container_of_another_namespace_and_client_keeps_a_volume_in_use()
    {
        var path = _engine.Require<CtrVolume>($"New-CtrVolume {_name}").Path;
        using var other = fixture.Open("other");
        // A bind of a directory in the volume, by a path that is not canonical.
        Directory.CreateDirectory(path + "/sub");
        var source = path.Replace("/_data", "/../" + _name + "//_data/./sub", StringComparison.Ordinal);
        other.Require(
            $"New-CtrContainer {_id} -Spec @{{ process = @{{ args = @('x') }}; mounts = @(@{{ destination = '/d'; type = 'bind'; source = '{source}' }}) }}"
        );
        AssertError($"Remove-CtrVolume {_name}", ErrorIds.VolumeInUse, $"{_id} (namespace other)");
        Assert.Empty(_engine.Require("Clear-CtrVolume -All -Confirm:$false"));
        Assert.Empty(other.Require("Get-CtrVolume"));
        other.Require($"Remove-CtrContainer {_id}");
        Assert.Equal(_name, _engine.Require<CtrVolume>("Clear-CtrVolume -All -Confirm:$false").Name);
    }

    [Fact]
    public async Task Modes_do_not_depend_on_the_umask_and_files_with_any_name_are_removed()
    {
        // The umask belongs to a process.
        var done = await HostProcess.RunBesideMountsAsync(
            "umask 777",
            $$"""
            Import-Module Containerd
            $null = Connect-CtrSession '{{fixture.Daemon.Address}}' -Namespace default
            $null = New-CtrVolume {{_name}}
            """
        );
        var volume = Path.Combine(Store, _name);
        Assert.True(Directory.Exists(volume), $"{done}");
        Assert.Equal((0x1C0u, 0x1EDu, 0x180u), (ModeOf(volume), ModeOf(volume + "/_data"), ModeOf(volume + "/volume.json")));

        _engine.Require(
            $"Invoke-CtrContainer {TestImages.Busybox} -v {_name}:/d -- sh -c 'touch \"/d/$(printf \"a\\nb\\377\")\"; mkdir -p /d/x/y; chmod 0 /d/x; ln -s /etc /d/out'"
        );
        _engine.Require($"Remove-CtrVolume {_name}");
        Assert.Empty(Directory.GetFileSystemEntries(Store));
        Assert.True(File.Exists("/etc/passwd"));
    }

    [Fact]
    public void The_content_of_the_image_is_copied_once_with_all_attributes()
    {
        _engine.Require($"New-CtrContainer {_id} -Image {Declared} -Volume {_name}:/link/../link -- true");
        var volume = _engine.Require<CtrVolume>($"Get-CtrVolume {_name}");
        Assert.Equal(VolumeDaemon.Image, volume.CopiedFrom);
        AssertContent(volume.Path);
        // Another image, or a second container, does not copy again.
        File.Delete(volume.Path + "/soft");
        _engine.Require($"New-CtrContainer {_id}-2 -Image {Declared} -Volume {_name}:/data -- true");
        Assert.False(File.Exists(volume.Path + "/soft"));
        _engine.Require($"New-CtrContainer {_id}-3 -Image {Declared} -Volume {_name}-no:/data:nocopy -- true");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Store, _name + "-no", "_data")));
        // A volume with content keeps it.
        var own = _engine.Require<CtrVolume>($"New-CtrVolume {_name}-own").Path;
        File.WriteAllText(own + "/mine", "");
        _engine.Require($"New-CtrContainer {_id}-4 -Image {Declared} -Volume {_name}-own:/data -- true");
        Assert.Equal([own + "/mine"], Directory.GetFileSystemEntries(own));
        // A link that leads out of the image does not.
        _engine.Require($"New-CtrContainer {_id}-5 -Image {Declared} -Volume {_name}-out:/out/../../empty -- true");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Store, _name + "-out", "_data")));
        AssertError(
            $"New-CtrContainer {_id}-6 -Image {Declared} -Volume {_name}-file:/data/file -- true",
            ErrorIds.InvalidMount,
            "/data/file"
        );
        AssertNothing(_id + "-6", _name + "-file");
    }

    [Fact]
    public async Task An_interrupted_copy_is_repeated_or_completed_and_never_looks_complete()
    {
        var path = _engine.Require<CtrVolume>($"New-CtrVolume {_name}").Path;
        var copied = Path.Combine(Store, _name, "copied");
        // Killed during the copy: its parts have a temporary name.
        var part = Path.Combine(Store, _name, ".ctr-copy-0123456789abcdef");
        Directory.CreateDirectory(part);
        File.WriteAllText(part + "/file", "o");
        File.SetLastWriteTimeUtc(part, DateTime.UtcNow.AddHours(-1));
        _engine.Require($"New-CtrContainer {_id} -Image {Declared} -Volume {_name}:/data -- true");
        AssertContent(path);
        Assert.False(Directory.Exists(copied));
        Assert.False(Directory.Exists(part));
        // Killed while the items were moved: some are in the volume, and the facts do not say that it was copied.
        var second = _engine.Require<CtrVolume>($"New-CtrVolume {_name}-2").Path;
        Directory.CreateDirectory(Path.Combine(Store, _name + "-2", "copied"));
        foreach (var item in Directory.GetFileSystemEntries(path))
            await Shell.RunAsync(
                "cp",
                "-a",
                item,
                item.EndsWith("sub", StringComparison.Ordinal) ? second : Path.Combine(Store, _name + "-2", "copied")
            );
        _engine.Require($"New-CtrContainer {_id}-2 -Image {Declared} -Volume {_name}-2:/data -- true");
        Assert.Equal(
            Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order(),
            Directory.GetFileSystemEntries(second).Select(Path.GetFileName).Order()
        );
        Assert.False(Directory.Exists(Path.Combine(Store, _name + "-2", "copied")));
    }

    [Fact]
    public void Containers_that_are_created_at_once_share_one_copy()
    {
        var containers = _engine.Require(
            $"1..6 | ForEach-Object {{ \"{_id}-$_\" }} | New-CtrContainer -Image {Declared} -Volume {_name}:/data -ThrottleLimit 6 -- true"
        );
        Assert.Equal(6, containers.Count);
        AssertContent(Path.Combine(Store, _name, "_data"));
        Assert.Equal(
            ["_data", "copy.lock", "volume.json"],
            Directory.GetFileSystemEntries(Path.Combine(Store, _name)).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public void Volumes_of_the_image_are_anonymous_and_kept_until_they_are_removed()
    {
        var container = _engine.Require<CtrContainer>(
            $"New-CtrContainer {_id} -Image {Declared} -Mount 'type=tmpfs,target=/logs/' -- true"
        );
        var volume = _engine.Require<CtrVolume>("Get-CtrVolume");
        Assert.Matches("^[0-9a-f]{64}$", volume.Name);
        Assert.True(volume.Anonymous);
        Assert.Equal(volume.Name, container.Labels["containerd-powershell/volumes"]);
        Assert.Equal(volume.Path, container.Spec!.Mounts!.Single(m => m.Destination == "/data").Source);
        AssertContent(volume.Path);
        var removed = _engine.Invoke($"Remove-CtrContainer {_id}");
        Assert.Contains(volume.Name, Assert.Single(removed.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal(volume.Name, _engine.Require<CtrVolume>("Clear-CtrVolume -Confirm:$false").Name);

        _engine.Require($"New-CtrContainer {_id} -Image {Declared} -Volume /more, {_name}:/data -- true");
        Assert.Equal(3, _engine.Require("Get-CtrVolume").Count);
        removed = _engine.Invoke($"Remove-CtrContainer {_id} -RemoveVolume");
        Assert.Empty(removed.Warnings);
        Assert.Equal(_name, _engine.Require<CtrVolume>("Get-CtrVolume").Name);
        // A run leaves only volumes with a name; Clear-CtrVolume does not touch them.
        Assert.Equal("one", Text($"Invoke-CtrContainer {Declared} -- cat /data/file"));
        Assert.Empty(_engine.Require("Clear-CtrVolume -Confirm:$false"));
        Assert.Equal([Path.Combine(Store, _name)], Directory.GetFileSystemEntries(Store));
        Assert.Equal(_name, _engine.Require<CtrVolume>("Clear-CtrVolume -All -Confirm:$false").Name);
    }

    [Fact]
    public async Task The_label_of_a_container_does_not_remove_volumes_that_it_does_not_own()
    {
        var anonymous = _engine.Require<CtrVolume>("New-CtrVolume").Name;
        _engine.Require($"$null = New-CtrVolume {_name}");
        // containerd's own client can write any label.
        await Shell.RunAsync(
            "ctr",
            "--address",
            fixture.Daemon.SocketPath,
            "--namespace",
            "default",
            "containers",
            "create",
            "--label",
            $"containerd-powershell/volumes={anonymous},{_name},../x",
            "--mount",
            $"type=bind,src={Store}/{_name}/_data,dst=/d,options=rbind",
            TestImages.Busybox,
            _id
        );
        AssertError($"Remove-CtrVolume {_name}", ErrorIds.VolumeInUse, _id);
        _engine.Require($"Remove-CtrContainer {_id} -RemoveVolume");
        Assert.Equal(2, _engine.Require("Get-CtrVolume").Count);
    }

    [Fact]
    public void A_container_with_mapped_ids_owns_its_volumes()
    {
        _engine.Require($"New-CtrContainer {_id} -Image {Declared} -UidMap 0:100000:65536 -Volume {_name}:/new -- true");
        Assert.Equal((100000u, 100000u), OwnerOf(Path.Combine(Store, _name, "_data")));
        var declared = _engine.Require<string>(
            $"(Get-CtrContainer {_id}).Spec.Mounts | Where-Object Destination -eq /data | ForEach-Object Source"
        );
        Assert.Equal((101000u, 101000u), OwnerOf(declared));
        Assert.Equal((100005u, 100006u), OwnerOf(declared + "/suid"));
    }

    [Fact]
    public void A_container_with_mapped_ids_can_write_to_an_empty_volume_that_existed_and_takes_no_other()
    {
        var empty = _engine.Require<CtrVolume>($"New-CtrVolume {_name}").Path;
        var used = _engine.Require<CtrVolume>($"New-CtrVolume {_name}-2").Path;
        File.WriteAllText(used + "/file", "x");
        _engine.Require($"New-CtrContainer {_id} -Image {Declared} -UidMap 0:100000:65536 -Volume {_name}:/new, {_name}-2:/used -- true");
        Assert.Equal(((100000u, 100000u), (0u, 0u)), (OwnerOf(empty), OwnerOf(used)));
    }

    [Fact]
    public async Task A_container_whose_spec_cannot_be_read_may_use_any_volume()
    {
        _engine.Require($"$null = New-CtrVolume {_name}; $null = New-CtrContainer {_id} -Image {TestImages.Busybox} -- true");
        using var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = fixture.Daemon.Address });
        var records = new RecordScope(client.Connection, "default").ContainerRecords;
        await records.PutSpecAsync(_id, WireAny.Json(WireAny.Spec, "{"), CancellationToken.None);
        AssertError($"Remove-CtrVolume {_name}", ErrorIds.VolumeInUse, $"{_id} (its spec cannot be read)");
        Assert.Empty(_engine.Require("Clear-CtrVolume -All -Confirm:$false"));
        _engine.Require($"Remove-CtrContainer {_id}; Remove-CtrVolume {_name}");
    }

    [Fact]
    public async Task A_volume_in_a_full_spec_is_held_while_the_container_is_created()
    {
        var volume = _engine.Require<CtrVolume>($"New-CtrVolume {_name}").Path;
        using var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = fixture.Daemon.Address });
        var containers = client.In("default").Containers;
        var spec = CtrSpec.Parse($$"""{"process":{"args":["x"]},"mounts":[{"destination":"/d","type":"bind","source":"{{volume}}"}]}""");
        using (LibcFiles.LockFolder(Path.GetDirectoryName(volume)!)!)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                containers.CreateAsync(new ContainerCreateOptions { Id = _id, Spec = spec }, limit.Token)
            );
        }

        await containers.CreateAsync(new ContainerCreateOptions { Id = _id, Spec = spec });
    }

    [Fact]
    public void A_volume_without_its_files_is_an_error_and_not_an_endless_wait()
    {
        Directory.Delete(_engine.Require<CtrVolume>($"New-CtrVolume {_name}").Path);
        AssertError($"New-CtrContainer {_id} -Image {Declared} -Volume {_name}:/x -- true", ErrorIds.VolumeNotWritable, _name);
        Directory.Delete(Path.Combine(Store, _name), recursive: true);
        AssertNothing(_id, _name);
    }

    [Fact]
    public async Task A_volume_that_cannot_be_removed_does_not_keep_the_others()
    {
        var paths = _engine
            .Require<CtrContainer>($"New-CtrContainer {_id} -Image {Declared} -- true")
            .Spec!.Mounts!.Select(mount => mount.Source!)
            .Where(source => source.StartsWith(Store, StringComparison.Ordinal))
            .ToList();
        Assert.Equal(2, paths.Count);
        File.WriteAllText(paths[0] + "/fixed", "x");
        await Shell.RunAsync("chattr", "+i", paths[0] + "/fixed");
        try
        {
            AssertError($"Remove-CtrContainer {_id} -RemoveVolume", ErrorIds.VolumeNotWritable, "some of its files");
            Assert.DoesNotContain(paths, File.Exists);
            Assert.Empty(_engine.Require("Get-CtrVolume"));
        }
        finally
        {
            foreach (var left in Directory.EnumerateDirectories(Store, ".removed-*"))
                await Shell.RunAsync("sh", "-c", $"chattr -R -i {left} && rm -r {left}");
        }
    }

    [Fact]
    public void Volume_creates_a_missing_folder_of_the_host_and_Mount_does_not()
    {
        _engine.Require($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        Assert.Equal("", Text($"Invoke-CtrContainer {TestImages.Busybox} -Volume ./a/b:/x -- touch /x/made"));
        Assert.True(File.Exists(_folder + "/a/b/made"));
        Assert.Equal(0x1EDu, ModeOf(_folder + "/a"));
        AssertError($"New-CtrContainer {_id} -Image {TestImages.Busybox} -Mount ./c:/x -- true", ErrorIds.MountSourceNotFound, "/c");
        AssertError(
            $"New-CtrContainer {_id} -Image {TestImages.Busybox} -Mount 'type=bind,src={_folder}/c,dst=/x' -- true",
            ErrorIds.MountSourceNotFound,
            "-Volume"
        );
        // Removed after the container was created: the runtime reports it.
        _engine.Require($"New-CtrContainer {_id}-2 -Image {TestImages.Busybox} -Volume ./gone:/x -- true");
        Directory.Delete(_folder + "/gone");
        AssertError($"Start-CtrTask {_id}-2", ErrorIds.MountSourceNotFound, "/gone");
        // What was created for a container that failed is removed.
        AssertError(
            $"New-CtrContainer {_id} -Image {TestImages.Busybox} -Volume ./d/e:/x -User nobody-here -- true",
            ErrorIds.UserNotFound,
            "nobody-here"
        );
        Assert.Equal([_folder + "/a"], Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("-Volume NAME:/x, /y:/x/.", ErrorIds.DuplicateMountTarget, "'/x'")]
    [InlineData("-Volume NAME:/x -Mount type=tmpfs`,target=/x", ErrorIds.DuplicateMountTarget, "'/x'")]
    [InlineData("-Volume NAME:x", "CannotConvertArgumentNoMessage", "not an absolute path")]
    [InlineData("-Volume NAME:/", "CannotConvertArgumentNoMessage", "root directory")]
    [InlineData("-Volume a/b:/x", "CannotConvertArgumentNoMessage", "neither a path nor the name of a volume")]
    [InlineData("-Volume ../x:/x:nocopy", "CannotConvertArgumentNoMessage", "applies only to volumes")]
    [InlineData("-Volume NAME:/x -User nobody-here", ErrorIds.UserNotFound, "nobody-here")]
    [InlineData("-Volume NAME:/x, /y -Env @{ A = 1 } -CapAdd nonsense", ErrorIds.InvalidCapability, "nonsense")]
    public void Bad_input_is_one_error_and_leaves_nothing(string options, string errorId, string about)
    {
        AssertError(
            $"New-CtrContainer {_id} -Image {Declared} {options.Replace("NAME", _name, StringComparison.Ordinal)} -- true",
            errorId,
            about
        );
        AssertNothing(_id, _name);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("with space")]
    public void A_name_that_is_not_safe_is_rejected(string name) =>
        AssertError($"New-CtrVolume '{name}'", ErrorIds.InvalidVolumeName, name);

    [Fact]
    public void A_container_takes_over_the_volumes_of_others()
    {
        _engine.Require(
            $"New-CtrContainer -Id {_id} -Name first -Image {Declared} -Volume {_name}:/own, {_folder}:/folder:ro -Network none -- true"
        );
        var declared = _engine.Require<CtrVolume>(
            $"$c = Get-CtrContainer {_id}; Get-CtrVolume | Where-Object {{ $_.Path -eq ($c.Spec.Mounts | Where-Object Destination -eq /data).Source }}"
        );
        var taken = _engine.Require<CtrContainer>(
            $"New-CtrContainer {_id}-2 -Image {TestImages.Busybox} -VolumesFrom first -Volume {_name}-2:/own -- true"
        );
        string Source(CtrContainer container, string target) => container.Spec!.Mounts!.Single(m => m.Destination == target).Source!;
        Assert.Equal((declared.Path, _folder), (Source(taken, "/data"), Source(taken, "/folder")));
        Assert.EndsWith($"/{_name}-2/_data", Source(taken, "/own"), StringComparison.Ordinal);
        Assert.Contains("ro", taken.Spec!.Mounts!.Single(m => m.Destination == "/folder").Options!);
        Assert.Equal(
            "Read-only file system",
            Text(
                    $"Get-CtrContainer {_id} | ForEach-Object {{ Invoke-CtrContainer {TestImages.Busybox} -VolumesFrom \"$($_):ro\" -StandardError Output -AllowExitCode 1 -- touch /data/x }}"
                )
                .Split(": ")[^1]
        );
        // The other container still uses it.
        var kept = _engine.Invoke($"Remove-CtrContainer {_id} -RemoveVolume");
        Assert.Contains(declared.Name, Assert.Single(kept.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal([_id + "-2"], _engine.Require<CtrVolume>($"Get-CtrVolume {declared.Name}").Containers);
        AssertError($"New-CtrContainer {_id} -Image {Declared} -VolumesFrom nothing -- true", ErrorIds.ContainerNotFound, "nothing");
    }

    [Fact]
    public void Volumes_are_found_again_when_the_identity_of_the_daemon_changed()
    {
        // By another path, the daemon is like one that this module did not start: its data is below that of the machine.
        File.CreateSymbolicLink(_folder + "/c.sock", fixture.Daemon.SocketPath);
        using var engine = new Engine();
        var uuid = engine.Require<string>($"$null = Connect-CtrSession {_folder}/c.sock -Namespace default; (Get-CtrInfo).Uuid");
        var machine = "/var/lib/containerd-powershell/";
        var former = Guid.NewGuid().ToString();
        try
        {
            var path = engine.Require<CtrVolume>($"New-CtrVolume {_name} -Label a=b").Path;
            Assert.Equal($"{machine}{uuid}/volumes/default/{_name}/_data", path);
            File.WriteAllText(path + "/kept", "kept");
            Assert.Empty(engine.Require("Get-CtrVolume -Orphaned"));
            Directory.CreateDirectory(machine + former);
            Directory.Move($"{machine}{uuid}/volumes", $"{machine}{former}/volumes");
            Assert.Empty(engine.Require("Get-CtrVolume"));
            Assert.Equal((former, "b"), (engine.Require<CtrVolume>("Get-CtrVolume -Orphaned").FormerDaemon, "b"));
            // A new volume with the name is empty, which would be a surprise.
            var created = engine.Invoke($"New-CtrContainer {_id} -Image {Declared} -Volume {_name}:/x, /data -- true");
            Assert.Contains(former, Assert.Single(created.Warnings).Message, StringComparison.Ordinal);
            AssertError(engine.Invoke($"Get-CtrVolume {_name} -Orphaned | New-CtrVolume"), ErrorIds.VolumeExists, _name);
            engine.Require($"Remove-CtrContainer {_id} -RemoveVolume; Remove-CtrVolume {_name}");
            var adopted = engine.Require<CtrVolume>($"Get-CtrVolume {_name} -Orphaned | New-CtrVolume");
            Assert.Equal((path, "", "b"), (adopted.Path, adopted.FormerDaemon, adopted.Labels["a"]));
            Assert.Equal("kept", File.ReadAllText(path + "/kept"));
            Assert.Empty(engine.Require("Get-CtrVolume -Orphaned"));
            AssertError(engine.Invoke($"Get-CtrVolume {_name} | New-CtrVolume"), ErrorIds.VolumeNotFound, _name);
        }
        finally
        {
            foreach (var folder in new[] { uuid, former })
                if (Directory.Exists(machine + folder))
                    Directory.Delete(machine + folder, recursive: true);
        }
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_and_what_a_running_one_creates_or_removes_is_kept()
    {
        _engine.Require($"$null = New-CtrVolume {_name}");
        var folders = Leftovers.Select(name => Path.Combine(Store, name)).ToList();
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(folder + "/file", "x");
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddHours(-1));
        }

        using (LibcFiles.LockFolder(folders[0])!)
        using (LibcFiles.LockFolder(folders[1])!)
        {
            _engine.Require($"$null = New-CtrVolume {_name}-2");
            Assert.True(File.Exists(folders[0] + "/file") && File.Exists(folders[1] + "/file"));
            Assert.False(Directory.Exists(folders[2]) || Directory.Exists(folders[3]));
        }

        _engine.Require($"$null = New-CtrVolume {_name}-3");
        Assert.DoesNotContain(folders, Directory.Exists);
    }

    [Fact]
    public void A_failed_container_does_not_remove_a_volume_that_existed()
    {
        _engine.Require($"$null = New-CtrVolume {_name}");
        AssertError(
            $"New-CtrContainer {_id} -Image {Declared} -Volume {_name}:/x -User nobody-here -- true",
            ErrorIds.UserNotFound,
            "nobody-here"
        );
        Assert.Equal(_name, _engine.Require<CtrVolume>("Get-CtrVolume").Name);
    }

    private static void AssertContent(string path)
    {
        Assert.Equal((0x1E8u, (1000u, 1000u)), (ModeOf(path), OwnerOf(path)));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1100000000), Directory.GetLastWriteTimeUtc(path));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1000000000), Directory.GetLastWriteTimeUtc(path + "/sub"));
        Assert.Equal((0x3FFu, 0x9EDu), (ModeOf(path + "/sub"), ModeOf(path + "/suid")));
        Assert.Equal(((1000u, 1000u), (5u, 6u)), (OwnerOf(path + "/file"), OwnerOf(path + "/suid")));
        Assert.Equal(Stat(path + "/file").Identity, Stat(path + "/hard").Identity);
        Assert.Equal("file", new FileInfo(path + "/soft").LinkTarget);
        Assert.Equal(FileKind.NamedPipe, Stat(path + "/pipe").Kind);
        Assert.Equal(
            ("deep\n", VolumeDaemon.Capability),
            (File.ReadAllText(path + "/sub/deep"), VolumeDaemon.Attribute(path + "/sub/deep", "security.capability"))
        );
    }

    private void AssertNothing(string id, string name)
    {
        Assert.Empty(_engine.Require($"Get-CtrContainer {id}*"));
        if (Directory.Exists(Store))
            Assert.DoesNotContain(Directory.GetFileSystemEntries(Store), entry =>
                Path.GetFileName(entry)[0] == '.' || entry.Contains(name, StringComparison.Ordinal)
            );
        Assert.Empty(_engine.Require("Get-CtrVolume | Where-Object Anonymous | Where-Object { -not $_.Containers }"));
    }

    private string Text(string script) => string.Join('\n', _engine.Require(script).Select(line => line.ToString()));

    private void AssertError(string script, string errorId, string about) => AssertError(_engine.Invoke(script), errorId, about);

    private static void AssertError(Invocation done, string errorId, string about)
    {
        Assert.StartsWith(errorId + ",", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(about, done.Error.Exception.Message + done.Error.ErrorDetails?.RecommendedAction, StringComparison.Ordinal);
    }

    private static FileStat Stat(string path)
    {
        Assert.True(LibcMounts.TryStat(path, followLinks: false, out var stat), path);
        return stat;
    }

    private static uint ModeOf(string path) => Stat(path).Permissions;

    private static (uint, uint) OwnerOf(string path) => (Stat(path).Uid, Stat(path).Gid);
}
