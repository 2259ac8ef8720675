using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Item;

/// <summary>Copy-CtrItem as a command: the syntax of paths, the destinations, and what is rejected.</summary>
public sealed class CopyTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    protected override Task PrepareAsync()
    {
        Directory.CreateDirectory($"{Folder}/d/sub");
        File.WriteAllText($"{Folder}/a.txt", "a");
        File.WriteAllText($"{Folder}/b.txt", "b");
        File.WriteAllText($"{Folder}/d/sub/c.txt", "c");
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sleep 1000; $ExecutionContext.SessionState.Path.SetLocation('{Folder}')"
        );
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("Copy-CtrItem ID:/etc/passwd", "passwd")]
    [InlineData("Copy-CtrItem ID:etc/passwd .", "passwd")]
    [InlineData("Copy-CtrItem ID:/etc/passwd d", "d/passwd")]
    [InlineData("Copy-CtrItem ID:/etc/passwd ./d/", "d/passwd")]
    [InlineData("Copy-CtrItem ID:/etc/passwd d/..", "passwd")]
    [InlineData("Copy-CtrItem ID:/etc/passwd new", "new")]
    [InlineData("Copy-CtrItem ID:/etc/passwd new/ -Force", "new/passwd")]
    [InlineData("Copy-CtrItem ID:/etc/passwd new/er/name -Force", "new/er/name")]
    [InlineData("Copy-CtrItem -Path ID:/etc/passwd -Destination Microsoft.PowerShell.Core\\FileSystem::FOLDER/name", "name")]
    [InlineData("Copy-CtrItem /etc/passwd name -FromContainer ID", "name")]
    [InlineData("Copy-CtrItem /etc/passwd name -FromContainer (Get-CtrContainer ID)", "name")]
    [InlineData("Copy-CtrItem -LiteralPath /etc/passwd -Destination name -FromContainer ID", "name")]
    [InlineData("Get-CtrContainer ID | Copy-CtrItem :/etc/passwd name", "name")]
    [InlineData("Get-CtrContainer ID | Copy-CtrItem :/etc/passwd -Destination { \"$($_.ContainerId).txt\" }", "ID.txt")]
    [InlineData("'ID:/etc/passwd' | Copy-CtrItem -Destination d", "d/passwd")]
    [InlineData("Copy-CtrItem ID:/etc/pass*", "passwd")]
    [InlineData("Copy-CtrItem ID:/e?c/[p]asswd d", "d/passwd")]
    [InlineData("Copy-CtrItem ID:/etc -Recurse", "etc/passwd")]
    [InlineData("Copy-CtrItem ID:/etc d -Recurse", "d/etc/passwd")]
    [InlineData("Copy-CtrItem ID:/etc new -Recurse", "new/passwd")]
    [InlineData("Copy-CtrItem ID:/etc new/ -Recurse", "new/passwd")]
    [InlineData("Copy-CtrItem ID:/etc/. d -Recurse", "d/passwd")]
    [InlineData("Copy-CtrItem ID:/etc/. new -Recurse", "new/passwd")]
    [InlineData("Copy-CtrItem ID:/ new -Recurse", "new/etc/passwd")]
    [InlineData("Copy-CtrItem ID:/etc/../etc/passwd", "passwd")]
    public void Output_goes_to_the_selected_destination(string script, string expected)
    {
        Engine.Require(Of(script));
        Assert.StartsWith("root:", File.ReadAllText(Path.Combine(Folder, Of(expected))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Copy-CtrItem a.txt ID:/tmp", "/tmp/a.txt=a")]
    [InlineData("Copy-CtrItem ./a.txt ID:/tmp/", "/tmp/a.txt=a")]
    [InlineData("Copy-CtrItem FOLDER/a.txt ID:tmp/name", "/tmp/name=a")]
    [InlineData("Copy-CtrItem a.txt ID:", "/a.txt=a")]
    [InlineData("Copy-CtrItem a.txt ID:/new/ -Force", "/new/a.txt=a")]
    [InlineData("Copy-CtrItem a.txt -ToContainer ID -Destination /tmp", "/tmp/a.txt=a")]
    [InlineData("Copy-CtrItem [ab].txt ID:/tmp", "/tmp/a.txt=a /tmp/b.txt=b")]
    [InlineData("Copy-CtrItem a.txt, b.txt ID:/tmp", "/tmp/a.txt=a /tmp/b.txt=b")]
    [InlineData("Copy-CtrItem a.txt, b.txt ID:/new -Force", "/new/a.txt=a /new/b.txt=b")]
    [InlineData("'a.txt', 'b.txt' | Copy-CtrItem -Destination ID:/tmp", "/tmp/a.txt=a /tmp/b.txt=b")]
    [InlineData("[IO.FileInfo[]]('FOLDER/a.txt', 'FOLDER/b.txt') | Copy-CtrItem -Destination ID:/tmp", "/tmp/a.txt=a /tmp/b.txt=b")]
    [InlineData("Get-CtrContainer ID | Copy-CtrItem a.txt :/tmp", "/tmp/a.txt=a")]
    [InlineData("Copy-CtrItem d ID:/tmp -Recurse", "/tmp/d/sub/c.txt=c")]
    [InlineData("Copy-CtrItem d/. ID:/tmp -Recurse", "/tmp/sub/c.txt=c")]
    [InlineData("Copy-CtrItem . ID:/tmp -Recurse", "/tmp/d/sub/c.txt=c /tmp/a.txt=a")]
    [InlineData("Copy-CtrItem d ID:/tmp/name -Recurse", "/tmp/name/sub/c.txt=c")]
    [InlineData("Copy-CtrItem a.txt ID:/tmp; Copy-CtrItem ID:/tmp/a.txt ID:/var", "/var/a.txt=a")]
    public void Input_goes_to_the_selected_destination(string script, string expected)
    {
        Engine.Require(Of(script));
        Engine.Require($"Start-CtrTask {Id}");
        foreach (var (path, content) in expected.Split(' ').Select(e => (e[..^2], e[^1..])))
            Assert.Equal(content, Engine.Require<string>($"Invoke-CtrExec {Id} -- cat {path}"));
    }

    [Theory]
    [InlineData("Copy-CtrItem ID:/etc .", ErrorIds.SourceIsDirectory, ErrorCategory.InvalidArgument)]
    [InlineData("Copy-CtrItem ID:/no/such .", ErrorIds.PathNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem ID:/etc/passwd/ .", ErrorIds.PathNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem ./no-such ID:/tmp", ErrorIds.PathNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem no-such-container:/etc/passwd .", ErrorIds.ContainerNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem a.txt no-such-container:/tmp", ErrorIds.ContainerNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem a.txt b.txt", ErrorIds.NoContainer, ErrorCategory.InvalidArgument)]
    [InlineData("Copy-CtrItem :/etc/passwd .", ErrorIds.NoContainer, ErrorCategory.InvalidArgument)]
    [InlineData("Copy-CtrItem a.txt ID:/no/such/name", ErrorIds.ParentNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem ID:/etc/passwd no/such", ErrorIds.ParentNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem ID:/etc/passwd new/", ErrorIds.ParentNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem a.txt ID:/etc/passwd/x", ErrorIds.PathNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem a.txt ID:/etc/passwd/x -Force", ErrorIds.PathNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem a.txt ID:/etc/passwd/", ErrorIds.DestinationNotDirectory, ErrorCategory.ResourceBusy)]
    [InlineData("Copy-CtrItem d ID:/etc/passwd -Recurse", ErrorIds.DestinationNotDirectory, ErrorCategory.ResourceBusy)]
    [InlineData("Copy-CtrItem ID:/etc/passwd, ID:/etc/group new", ErrorIds.DestinationNotDirectory, ErrorCategory.ResourceBusy, 2)]
    [InlineData("Copy-CtrItem ID:/bin/busybox ID:/bin", ErrorIds.SameItem, ErrorCategory.ResourceBusy)]
    [InlineData("Copy-CtrItem ID:/etc ID:/etc/new -Recurse", ErrorIds.DestinationInSource, ErrorCategory.InvalidArgument)]
    [InlineData("Copy-CtrItem ID:/etc ID:/etc -Recurse", ErrorIds.DestinationInSource, ErrorCategory.InvalidArgument)]
    [InlineData("Copy-CtrItem \"ID:/a`0b\" .", ErrorIds.InvalidPath, ErrorCategory.InvalidArgument)]
    [InlineData("Copy-CtrItem a.txt ID:/proc/x", ErrorIds.PathInMount, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem Env:/PATH ID:/tmp", ErrorIds.ContainerNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("Copy-CtrItem Variable::x ID:/tmp", ErrorIds.NotAFilePath, ErrorCategory.InvalidArgument)]
    public void An_impossible_operation_is_one_error_and_leaves_nothing(string script, string id, ErrorCategory category, int count = 1)
    {
        var before = Everything();
        var done = Engine.Invoke(Of(script));
        Assert.Null(done.Exception);
        Assert.Equal(count, done.Errors.Count);
        Assert.All(done.Errors, error => AssertError(error, id, "CopyCtrItem", category));
        Assert.Equal(before, Everything());
        Engine.Require($"Copy-CtrItem {Id}:/ root -Recurse");
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{Folder}/root", ".ctr-copy*", SearchOption.AllDirectories));
        Assert.False(Directory.Exists($"{Folder}/root/no"));
    }

    [Fact]
    public async Task Existing_items_are_replaced_completely_but_not_without_permission()
    {
        await StartTaskAsync();
        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'echo old > /tmp/f; ln /tmp/f /tmp/g; echo ro > /tmp/ro; chmod 444 /tmp/ro; mkdir /tmp/dir /tmp/x; mkdir /tmp/x/a.txt'"
        );
        Engine.Require($"Copy-CtrItem a.txt {Id}:/tmp/f");
        Assert.Equal(["a", "old"], Lines($"Invoke-CtrExec {Id} -- sh -c 'cat /tmp/f; echo; cat /tmp/g'"));
        AssertError(
            Engine.Invoke($"Copy-CtrItem a.txt {Id}:/tmp/ro").Error,
            ErrorIds.FileReadOnly,
            "CopyCtrItem",
            ErrorCategory.ResourceBusy
        );
        Assert.Equal(["ro"], Lines($"Invoke-CtrExec {Id} -- cat /tmp/ro"));
        Engine.Require($"Copy-CtrItem a.txt {Id}:/tmp/ro -Force");
        Assert.Equal(["a"], Lines($"Invoke-CtrExec {Id} -- cat /tmp/ro"));
        AssertError(
            Engine.Invoke($"Copy-CtrItem a.txt {Id}:/tmp/x -Force").Error,
            ErrorIds.DestinationIsDirectory,
            "CopyCtrItem",
            ErrorCategory.ResourceBusy
        );
        // The same name twice in one command would lose the first.
        Engine.Require($"Invoke-CtrExec {Id} -- sh -c 'mkdir -p /p/1 /p/2; echo 1 > /p/1/n; echo 2 > /p/2/n'");
        var done = Engine.Invoke($"Copy-CtrItem {Id}:/p/*/n .");
        AssertError(done.Error, ErrorIds.JustCopied, "CopyCtrItem", ErrorCategory.ResourceBusy);
        Assert.Equal("1\n", File.ReadAllText($"{Folder}/n"));
    }

    [Fact]
    public async Task A_running_container_includes_its_mounts_and_a_stopped_one_warns_that_it_does_not()
    {
        var id = NewId();
        Directory.CreateDirectory($"{Folder}/volume");
        File.WriteAllText($"{Folder}/volume/file", "volume");
        File.WriteAllText($"{Folder}/hosts", "old");
        Engine.Require(
            $"New-CtrContainer {id} -Image {Busybox} -Mount {Folder}/volume:/data, {Folder}/hosts:/etc/hosts, 'type=tmpfs,target=/scratch' -- sleep 1000 | Start-CtrTask"
        );
        Engine.Require(
            $"Copy-CtrItem {id}:/data/file got; Copy-CtrItem a.txt {id}:/data; Copy-CtrItem a.txt {id}:/scratch; Copy-CtrItem {id}:/scratch scratch -Recurse"
        );
        Assert.Equal("volume", File.ReadAllText($"{Folder}/got"));
        Assert.Equal("a", File.ReadAllText($"{Folder}/volume/a.txt"));
        Assert.Equal("a", File.ReadAllText($"{Folder}/scratch/a.txt"));
        // A file that is mounted itself cannot be replaced: it is written.
        Engine.Require($"Copy-CtrItem d/sub/c.txt {id}:/etc/hosts");
        Assert.Equal("c", File.ReadAllText($"{Folder}/hosts"));
        Assert.Equal(["c"], Lines($"Invoke-CtrExec {id} -- cat /etc/hosts"));

        Engine.Require($"Remove-CtrTask {id} -Force");
        foreach (
            var script in new[]
            {
                $"Copy-CtrItem {id}:/data/file got2",
                $"Copy-CtrItem a.txt {id}:/data/",
                $"Copy-CtrItem a.txt {id}:/data/new -Force",
                $"Copy-CtrItem {id}:/data got2 -Recurse",
                $"Copy-CtrItem a.txt {id}:/etc/../data/x",
                $"Copy-CtrItem {id}:/etc/hosts got2",
                $"Copy-CtrItem {id}:/data/* got2",
            }
        )
        {
            var error = Engine.Invoke(script).Error;
            AssertError(error, ErrorIds.PathInMount, "CopyCtrItem", ErrorCategory.ObjectNotFound);
            Assert.Contains($"{Folder}/", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }

        var done = Engine.Invoke($"Copy-CtrItem {id}:/ whole -Recurse");
        Assert.Empty(done.Errors);
        Assert.Contains($"'{id}:/data' and 1 more", done.Warnings.Single().Message, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public void A_read_only_root_is_not_written_whether_the_container_is_running_or_not()
    {
        var id = NewId();
        Directory.CreateDirectory($"{Folder}/volume");
        File.WriteAllText($"{Folder}/settings", "old");
        Engine.Require(
            $"New-CtrContainer {id} -Image {Busybox} -ReadOnly -Mount {Folder}/volume:/data, {Folder}/settings:/etc/passwd -- sleep 1000"
        );
        AssertError(
            Engine.Invoke($"Copy-CtrItem a.txt {id}:/etc/").Error,
            ErrorIds.RootfsReadOnly,
            "CopyCtrItem",
            ErrorCategory.WriteError
        );
        Engine.Require($"Start-CtrTask {id}");
        AssertError(
            Engine.Invoke($"Copy-CtrItem a.txt {id}:/etc/").Error,
            ErrorIds.RootfsReadOnly,
            "CopyCtrItem",
            ErrorCategory.WriteError
        );
        AssertError(
            Engine.Invoke($"Copy-CtrItem a.txt {id}:/new/dir/ -Force").Error,
            ErrorIds.RootfsReadOnly,
            "CopyCtrItem",
            ErrorCategory.WriteError
        );
        Engine.Require($"Copy-CtrItem a.txt {id}:/data; Copy-CtrItem {id}:/etc/group .; Copy-CtrItem a.txt {id}:/etc/passwd");
        Assert.True(File.Exists($"{Folder}/volume/a.txt"));
        Assert.Equal("a", File.ReadAllText($"{Folder}/settings"));
    }

    [Fact]
    public async Task A_full_disk_is_one_error_and_leaves_nothing()
    {
        var id = NewId();
        Engine.Require(
            $"New-CtrContainer {id} -Image {Busybox} -Mount 'type=tmpfs,target=/small,tmpfs-size=1m' -- sleep 1000 | Start-CtrTask"
        );
        await Shell.RunAsync(
            "sh",
            "-ec",
            $"mkdir {Folder}/tree; head -c 300000 /dev/urandom > {Folder}/tree/1; head -c 3000000 /dev/urandom > {Folder}/tree/2; cp {Folder}/tree/2 {Folder}/large"
        );
        foreach (
            var script in new[]
            {
                $"Copy-CtrItem large {id}:/small",
                $"Copy-CtrItem tree {id}:/small -Recurse",
                $"Copy-CtrItem tree {id}:/small/new/name -Recurse -Force",
            }
        )
        {
            AssertError(Engine.Invoke(script).Error, ErrorIds.DiskFull, "CopyCtrItem", ErrorCategory.WriteError);
            Assert.Empty(Lines($"Invoke-CtrExec {id} -- ls -A /small"));
        }

        // Existing files are unchanged.
        Engine.Require($"Copy-CtrItem a.txt {id}:/small/large");
        AssertError(Engine.Invoke($"Copy-CtrItem large {id}:/small").Error, ErrorIds.DiskFull, "CopyCtrItem", ErrorCategory.WriteError);
        Assert.Equal(["a"], Lines($"Invoke-CtrExec {id} -- cat /small/large"));
    }

    [Fact]
    public async Task A_tree_that_is_too_deep_is_rejected_and_leaves_nothing()
    {
        await StartTaskAsync();
        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'mkdir /deep; cd /deep; n=0; while [ $n -lt 1200 ]; do mkdir d; cd d; n=$((n+1)); done'"
        );
        AssertError(
            Engine.Invoke($"Copy-CtrItem {Id}:/deep new -Recurse").Error,
            ErrorIds.TreeTooDeep,
            "CopyCtrItem",
            ErrorCategory.InvalidData
        );
        Assert.Equal(
            ["a.txt", "b.txt", "d"],
            Directory.EnumerateFileSystemEntries(Folder).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal)
        );
        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'mkdir /less; cd /less; n=0; while [ $n -lt 990 ]; do mkdir d; cd d; n=$((n+1)); done; echo bottom > file'"
        );
        Engine.Require($"Copy-CtrItem {Id}:/less new -Recurse");
        Assert.Equal("1", (await Shell.RunAsync("sh", "-c", $"find {Folder}/new -name file | wc -l")).Trim());
    }

    [Fact]
    public async Task Ctrl_C_ends_a_copy_and_removes_incomplete_items()
    {
        await StartTaskAsync();
        await Shell.RunAsync("sh", "-c", $"head -c 1500000000 /dev/zero > {Folder}/large");
        for (var n = 0; n < 3; n++)
        {
            var running = Engine.Start($"Copy-CtrItem large {Id}:/tmp/large -PassThru");
            await Eventually.TrueAsync(() =>
                running.IsCompleted || Lines2("ls -A /tmp").Any(l => l.StartsWith(".ctr-copy", StringComparison.Ordinal))
            );
            await running.StopAsync();
            var done = running.Wait();
            Assert.Empty(done.Output);
            Assert.Empty(done.Errors);
            await Eventually.TrueAsync(() => Lines2("ls -A /tmp").Count == 0);
        }

        IReadOnlyList<string> Lines2(string command)
        {
            using var engine = DaemonFixture.Open();
            return [.. engine.Require($"Invoke-CtrExec {Id} -- {command}").Select(o => o.ToString())];
        }
    }

    [Fact]
    public async Task Progress_is_shown_for_long_operations_and_ends()
    {
        await StartTaskAsync();
        await Shell.RunAsync("sh", "-c", $"head -c 900000000 /dev/zero > {Folder}/large");
        var done = Engine.Invoke($"Copy-CtrItem large {Id}:/tmp");
        Assert.Empty(done.Errors);
        Assert.NotEmpty(done.Progress);
        Assert.Equal(ProgressRecordType.Completed, done.Progress[^1].RecordType);
        Assert.Contains("of 858", done.Progress[0].StatusDescription, StringComparison.Ordinal);
        Assert.Empty(Engine.Invoke($"Copy-CtrItem {Id}:/etc/passwd .").Progress);
    }

    [Fact]
    public void WhatIf_copies_nothing_and_PassThru_returns_the_copied_items()
    {
        Engine.Require($"Copy-CtrItem a.txt {Id}:/tmp -WhatIf; Copy-CtrItem {Id}:/etc/passwd . -WhatIf");
        Assert.False(File.Exists($"{Folder}/passwd"));
        AssertError(
            Engine.Invoke($"Copy-CtrItem {Id}:/tmp/a.txt .").Error,
            ErrorIds.PathNotFound,
            "CopyCtrItem",
            ErrorCategory.ObjectNotFound,
            $"{Id}:/tmp/a.txt"
        );
        Assert.Empty(Engine.Require($"Copy-CtrItem a.txt {Id}:/tmp"));
        var item = Engine.Require<CtrCopiedItem>($"Copy-CtrItem d {Id}:/tmp -Recurse -PassThru");
        Assert.Equal((1, 2, 0, 0, 1), (item.Files, item.Directories, item.SymbolicLinks, item.Others, item.Size));
        var back = Engine.Require<CtrCopiedItem>($"Copy-CtrItem {Id}:/tmp/d back -Recurse -PassThru");
        Assert.Equal(($"{Folder}/back", $"{Folder}/back"), (back.Destination, back.HostPath));
        Assert.Equal($"{Folder}/back", Engine.Require<string>($"(Copy-CtrItem {Id}:/tmp/d/. back -Recurse -PassThru).PSPath"));
    }

    [Fact]
    public void Names_that_are_not_text_are_found_by_wildcards()
    {
        Engine.Require(
            $"Start-CtrTask {Id}; Invoke-CtrExec {Id} -- sh -c 'cd /tmp; printf x > \"$(printf \"bad\\200name\")\"; printf x > \"$(printf \"new\\nline\")\"; printf x > .hidden; printf x > \"a[1]\"'"
        );
        Engine.Require($"Copy-CtrItem {Id}:/tmp/* d");
        Assert.Equal("a[1] $'bad\\200name' $'new\\nline' sub", Quoted($"{Folder}/d"));
        Engine.Require(
            $"Copy-CtrItem {Id}:/tmp/.* d; Copy-CtrItem -LiteralPath {Id}:/tmp/a[1] d/sub; Copy-CtrItem '{Id}:/tmp/a`[1`]' d/one"
        );
        Assert.True(File.Exists($"{Folder}/d/.hidden") && File.Exists($"{Folder}/d/sub/a[1]") && File.Exists($"{Folder}/d/one"));
        Assert.Empty(Engine.Require($"Copy-CtrItem {Id}:/tmp/none* ."));
        Engine.Require($"Copy-CtrItem \"{Id}:/tmp/new`nline\" d/line");
        var error = Engine.Invoke($"Copy-CtrItem \"{Id}:/tmp/no`nsuch\" .").Error;
        Assert.Equal($"'{Id}:/tmp/no\\x0Asuch' does not exist.", error.Exception.Message);
    }

    [Fact]
    public void Paths_complete_on_both_sides()
    {
        Assert.Equal([$"{Id}:"], Words($"Copy-CtrItem {Id[..^2]}"));
        Assert.Equal([$"{Id}:/etc/"], Words($"Copy-CtrItem {Id}:/et"));
        Assert.Equal([$"{Id}:/etc/group", $"{Id}:/etc/passwd"], Words($"Copy-CtrItem {Id}:/etc/"));
        Assert.Equal([$"{Id}:/home/app/"], Words($"Copy-CtrItem a.txt -Destination {Id}:/home/"));
        Assert.Equal(["/home/"], Words($"Copy-CtrItem -FromContainer {Id} -Path /ho"));
        Assert.Equal([Id], Words($"Copy-CtrItem -FromContainer {Id[..^2]}"));
        Assert.Empty(Words("Copy-CtrItem no-such-container:/et"));
    }

    private string[] Words(string line) => [.. Engine.Complete(line).Select(w => w.CompletionText)];

    private async Task StartTaskAsync()
    {
        Engine.Require($"Start-CtrTask {Id}");
        await Eventually.TrueAsync(() => Status() == CtrStatus.Running);
    }

    private string[] Lines(string script) => [.. Engine.Require(script).Select(o => o.ToString())];

    private string Of(string text) => text.Replace("ID", Id, StringComparison.Ordinal).Replace("FOLDER", Folder, StringComparison.Ordinal);

    private string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static string Quoted(string folder) =>
        Shell
            .RunAsync("bash", "-c", "export LC_ALL=C; cd \"$1\"; for f in *; do printf '%q ' \"$f\"; done", "bash", folder)
            .GetAwaiter()
            .GetResult()
            .Trim()
            .Replace("\\[", "[", StringComparison.Ordinal)
            .Replace("\\]", "]", StringComparison.Ordinal);
}
