using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>The file system of a container: what it changed of its image, and all of it as a tar.</summary>
public sealed class ContainerFilesTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    // Each kind of change, of each type. The image has /bin with its programs, /etc/passwd and /etc/group.
    private const string Changes =
        "mkdir -p /new/deep && echo hello > /new/deep/file && ln /new/deep/file /new/other && ln -s deep/file /new/link"
        + " && mkfifo /new/pipe && mknod /new/null c 1 3 && chown 12:34 /new/deep/file && chmod 4750 /new/deep/file"
        + " && echo x >> /etc/passwd && rm /etc/group && dd if=/dev/zero of=/new/big bs=1M count=40 2>/dev/null"
        + " && touch '/new/a b$[1]ä' && rm -rf /home && mkdir /home && touch /home/mine";

    private List<string> Diff(string options = "", string? id = null) =>
        [.. Engine.Require($"Get-CtrDiff {id ?? Id} {options}").Select(o => o.ToString())];

    [Theory]
    [InlineData("")]
    [InlineData("-Snapshotter native")]
    public async Task Each_change_is_listed_with_its_kind_while_the_container_runs_and_after(string snapshotter)
    {
        await StartAsync(options: snapshotter);
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c '{Changes.Replace("'", "''", StringComparison.Ordinal)}'");
        var running = Diff();
        string[] expected =
        [
            "A /new",
            "A /new/deep",
            "A /new/deep/file",
            "A /new/other",
            "A /new/link",
            "A /new/pipe",
            "A /new/null",
            "A /new/big",
            "A /new/a b$[1]ä",
            "C /etc",
            "C /etc/passwd",
            "D /etc/group",
            "A /home/mine",
        ];
        Assert.Empty(expected.Except(running));
        Assert.DoesNotContain(running, change => change.Contains("/bin", StringComparison.Ordinal));
        Assert.Equal(running.Count, running.Distinct().Count());
        Engine.Require($"Stop-CtrTask {Id} -Timeout 0 | Remove-CtrTask");
        Assert.Equal(running, Diff());
        Assert.Equal(["D /etc/group"], Diff("-Kind Deleted").Where(c => c != "D /home/app"));
        Assert.All(Diff("-Kind Added"), change => Assert.StartsWith("A ", change, StringComparison.Ordinal));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_change_has_the_attributes_of_its_file()
    {
        await StartAsync();
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c '{Changes.Replace("'", "''", StringComparison.Ordinal)}'");
        var changes = Engine
            .Require($"Get-CtrTask {Id} | Get-CtrDiff")
            .Select(o => (CtrFileChange)o.BaseObject)
            .ToDictionary(c => c.Path, StringComparer.Ordinal);
        // Of the names of one file, the first in the archive is the file, and the others are links to it.
        var file = changes["/new/deep/file"];
        Assert.Equal((Convert.ToInt32("4750", 8), 12L, 34L, Id), (file.Mode!.Value, file.Uid!.Value, file.Gid!.Value, file.ContainerId));
        Assert.InRange(file.ModifiedAt!.Value, DateTime.Now.AddMinutes(-5), DateTime.Now.AddMinutes(1));
        Assert.Equal(6, file.Size ?? changes["/new/other"].Size);
        Assert.Equal(40L << 20, changes["/new/big"].Size);
        Assert.Equal("deep/file", changes["/new/link"].LinkTarget);
        Assert.Equal(
            "SymbolicLink NamedPipe CharacterDevice Directory File",
            string.Join(' ', "/new/link /new/pipe /new/null /new /new/big".Split(' ').Select(path => changes[path].Type))
        );
        Assert.Equal(
            (CtrFileType.Unknown, null, null),
            (changes["/etc/group"].Type, changes["/etc/group"].Size, changes["/etc/group"].Mode)
        );
    }

    [Fact]
    public void A_container_without_changes_has_none_and_one_that_does_not_exist_is_an_error()
    {
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -- true");
        Assert.Empty(Diff());
        Assert.Empty(Engine.Require($"Get-CtrDiff {Id}*"));
        AssertError(Engine.Invoke("Get-CtrDiff nobody").Error, ErrorIds.ContainerNotFound, "GetCtrDiff", ErrorCategory.ObjectNotFound);
        var root = NewId();
        Engine.Require($"$null = New-CtrContainer {root} -Rootfs / -- true");
        AssertError(Engine.Invoke($"Get-CtrDiff {root}").Error, ErrorIds.NoSnapshot, "GetCtrDiff", ErrorCategory.NotImplemented);
        AssertError(
            Engine.Invoke($"Export-CtrContainer {root} '{Folder}/x.tar'").Error,
            ErrorIds.NoSnapshot,
            "ExportCtrContainer",
            ErrorCategory.NotImplemented
        );
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    [Fact]
    public async Task The_exported_tar_has_the_file_system_without_mounts()
    {
        await StartAsync(options: "-Mount 'type=tmpfs,dst=/mounted'");
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c '{Changes.Replace("'", "''", StringComparison.Ordinal)}; touch /mounted/not'");
        var tar = Path.Combine(Folder, "web.tar");
        Assert.Equal(tar, Engine.Require($"Export-CtrContainer {Id} '{tar}'").Single().BaseObject.ToString());
        Assert.Equal(
            ErrorIds.FileExists,
            Engine.Invoke($"Export-CtrContainer {Id} '{tar}' -NoClobber").Error.FullyQualifiedErrorId.Split(',')[0]
        );
        var root = Directory.CreateDirectory(Path.Combine(Folder, "root")).FullName;
        await Shell.RunAsync("tar", "-xpf", tar, "--numeric-owner", "-C", root);
        Assert.Equal(
            "4750 12:34 2 regular file\n777 0:0 1 symbolic link\n644 0:0 1 fifo\n644 0:0 1 character special file\n",
            await Shell.RunAsync(
                "stat",
                "-c",
                "%a %u:%g %h %F",
                $"{root}/new/deep/file",
                $"{root}/new/link",
                $"{root}/new/pipe",
                $"{root}/new/null"
            )
        );
        Assert.True(File.Exists($"{root}/bin/busybox") || File.Exists($"{root}/bin/sh"));
        Assert.False(File.Exists($"{root}/etc/group"));
        Assert.False(File.Exists($"{root}/mounted/not"));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{root}/proc"));
        Engine.Require($"Export-CtrContainer {Id} '{Folder}/web.tar.gz'");
        Assert.Contains("new/big", await Shell.RunAsync("tar", "-tzf", $"{Folder}/web.tar.gz"), StringComparison.Ordinal);
        Assert.Empty(Engine.Require($"Export-CtrContainer {Id} '{Folder}/not.tar' -WhatIf"));
        Assert.False(File.Exists($"{Folder}/not.tar"));
        await AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Snapshotter native")]
    public async Task A_container_that_runs_can_write_everywhere_afterwards(string snapshotter)
    {
        await StartAsync(options: snapshotter);
        Engine.Require($"Invoke-CtrExec {Id} -- touch /first");
        Assert.Contains("A /first", Diff());
        Engine.Require($"Export-CtrContainer {Id} '{Folder}/web.tar'; Export-CtrSnapshot {Id} '{Folder}/layer.tar' {snapshotter}");
        // The first change of a directory of the image needs the work directory of the overlay.
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c 'touch /bin/fresh && mkdir /bin/folder && rm /etc/group && echo x >> /etc/passwd'");
        string[] expected = ["A /bin/fresh", "A /bin/folder", "D /etc/group", "C /etc/passwd"];
        Assert.Empty(expected.Except(Diff()));
    }

    [Fact]
    public async Task A_file_that_became_a_directory_and_the_reverse_have_the_right_kinds()
    {
        await StartAsync();
        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'rm /etc/group && mkdir /etc/group && touch /etc/group/x && rm -r /home && ln -s /etc /home'"
        );
        string[] expected = ["C /etc/group", "A /etc/group/x", "C /home"];
        Assert.Empty(expected.Except(Diff()));
        Assert.Contains(Diff("-Kind Deleted"), change => change.StartsWith("D /home/", StringComparison.Ordinal));
    }

    [Fact]
    public void Mapped_ids_are_refused()
    {
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -UidMap 0:100000:65536 -- true");
        foreach (
            var (script, cmdlet) in new[]
            {
                ($"Get-CtrDiff {Id}", "GetCtrDiff"),
                ($"Export-CtrContainer {Id} '{Folder}/x.tar'", "ExportCtrContainer"),
            }
        )
            AssertError(Engine.Invoke(script).Error, ErrorIds.IdMapNotSupported, cmdlet, ErrorCategory.NotImplemented, Id);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    /// <summary>No lease, view or unfinished write of a comparison remains.</summary>
    private async Task AssertNothingLeftAsync()
    {
        await Eventually.TrueAsync(() =>
            !Engine.Require("Get-CtrSnapshot").Any(s => s.ToString().Contains("-diff-", StringComparison.Ordinal))
        );
        // Other tests of this daemon compare snapshots at the same time.
        await Eventually.TrueAsync(() =>
            !Engine.Require("Get-CtrIngest").Any(i => i.ToString().Contains("diff-", StringComparison.Ordinal))
        );
        Assert.Empty(Directory.EnumerateFiles(Folder, ".ctr-export-*"));
    }
}
