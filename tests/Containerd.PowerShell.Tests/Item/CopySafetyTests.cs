using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Item;

/// <summary>
/// Nothing in a container can redirect a copy outside of it, and nothing that a copy leaves on the host can redirect a later one.
/// </summary>
public sealed class CopySafetyTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    /// <summary>A folder of the host that must not be accessible from the container.</summary>
    private string Outside => Directory.CreateDirectory($"{Folder}/outside").FullName;

    protected override Task PrepareAsync()
    {
        File.WriteAllText($"{Outside}/secret", "outside");
        return Task.CompletedTask;
    }

    [Fact]
    public async Task The_next_copy_removes_leftovers_of_a_killed_one_and_nothing_else()
    {
        await StartAsync(Idle);
        var place = Directory.CreateDirectory($"{Folder}/place").FullName;
        var script = """
            cd "$0" && touch .ctr-copy-0000000000000000 .ctr-copy-mine .ctr-copy-1111111111111111 && mkdir -p .ctr-copy-2222222222222222/deep .ctr-copy-3333333333333333/mount
            ln -s /etc/passwd .ctr-copy-4444444444444444 && touch .ctr-copy-2222222222222222/deep/file
            touch -d '2020-01-01 00:00:00' .ctr-copy-* && touch .ctr-copy-5555555555555555
            """;
        await Shell.RunAsync("sh", "-c", script, place);
        await Shell.RunAsync("mount", "--bind", Outside, $"{place}/.ctr-copy-3333333333333333/mount");
        // A copy of another process that is still running.
        using var living = Process.Start(
            new ProcessStartInfo("flock", [$"{place}/.ctr-copy-1111111111111111", "sh", "-c", "echo ready; exec sleep 600"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            Assert.Equal("ready", await living.StandardOutput.ReadLineAsync());
            Engine.Require($"Copy-CtrItem {Id}:/etc/passwd {place}/");
            string[] kept =
            [
                ".ctr-copy-1111111111111111",
                ".ctr-copy-3333333333333333",
                ".ctr-copy-4444444444444444",
                ".ctr-copy-5555555555555555",
                ".ctr-copy-mine",
                "passwd",
            ];
            Assert.Equal(kept, Directory.GetFileSystemEntries(place).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal("outside", File.ReadAllText($"{Outside}/secret"));
        }
        finally
        {
            living.Kill(entireProcessTree: true);
            await living.WaitForExitAsync();
            await Shell.RunAsync("umount", $"{place}/.ctr-copy-3333333333333333/mount");
        }

        Engine.Require(
            $"Invoke-CtrExec {Id} -- sh -c 'mkdir -p /d/sub/.ctr-copy-0000000000000000; touch -d \"2020-01-01 00:00:00\" /d/sub/.ctr-copy-0000000000000000'"
        );
        Directory.CreateDirectory($"{Folder}/d/sub");
        File.WriteAllText($"{Folder}/d/sub/file", "");
        Engine.Require($"Copy-CtrItem {Folder}/d {Id}:/ -Recurse");
        Assert.Equal("file", Engine.Require<string>($"Invoke-CtrExec {Id} -- ls -A /d/sub"));
    }

    [Fact]
    public async Task The_next_copy_removes_leftovers_of_a_copy_whose_process_was_killed()
    {
        // A new directory is built under another name until all of it is copied: with this many files that takes seconds.
        await StartAsync("-- sh -c 'mkdir /many && cd /many && seq 30000 | xargs touch; echo ready; exec sleep 1000'");
        var place = Directory.CreateDirectory($"{Folder}/killed").FullName;
        var pidFile = $"{Folder}/pid";
        var copying = HostProcess.RunAsync(
            $"""
            Import-Module Containerd
            $null = Connect-CtrSession {DaemonFixture.Daemon.Address} -Namespace {DaemonFixture.Namespace}
            [IO.File]::WriteAllText('{pidFile}.new', "$PID")
            [IO.File]::Move('{pidFile}.new', '{pidFile}')
            Copy-CtrItem {Id}:/many {place}/ -Recurse
            """
        );
        await Eventually.TrueAsync(
            () => copying.IsCompleted || Directory.EnumerateDirectories(place, ".ctr-copy-*").Any(d => Directory.EnumerateFiles(d).Any()),
            TimeSpan.FromSeconds(60)
        );
        await Shell.RunAsync("kill", "-KILL", await File.ReadAllTextAsync(pidFile));
        Assert.Equal(137, (await copying).Code);
        var left = Assert.Single(Directory.GetFileSystemEntries(place));
        Assert.StartsWith(".ctr-copy-", Path.GetFileName(left), StringComparison.Ordinal);
        Assert.InRange(Directory.GetFiles(left).Length, 1, 29_999);

        // A copy that was begun a moment ago may not be locked yet: the next one spares it, and a later one does not.
        Engine.Require($"Copy-CtrItem {Id}:/etc/passwd {place}/");
        Assert.True(Directory.Exists(left));
        await Shell.RunAsync("touch", "-d", "2 minutes ago", left);
        Engine.Require($"Copy-CtrItem {Id}:/etc/passwd {place}/ -Force");
        Assert.Equal(["passwd"], Directory.GetFileSystemEntries(place).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Links_refer_to_paths_in_the_container(bool running)
    {
        await StartAsync(
            $"-- sh -c 'mkdir -p {Outside} /links; echo inside > {Outside}/secret; cd /links; ln -s {Outside}/secret absolute; ln -s ../../../../../..{Outside}/secret climbing; ln -s {Outside} folder; ln -s ../../../../.. up; echo ready; exec sleep 1000'"
        );
        if (!running)
            Engine.Require($"Remove-CtrTask {Id} -Force");
        foreach (
            var path in new[]
            {
                "/links/absolute",
                "/links/climbing",
                "/links/folder/secret",
                $"/links/up{Outside}/secret",
                $"/../../..{Outside}/secret",
                $"links/../..{Outside}/secret",
            }
        )
        {
            Engine.Require($"Copy-CtrItem '{Id}:{path}' {Folder}/got -Force");
            Assert.Equal("inside\n", File.ReadAllText($"{Folder}/got"));
        }

        // A link on the way and one at the end, to write through.
        File.WriteAllText($"{Folder}/new", "written");
        Engine.Require(
            $"Copy-CtrItem {Folder}/new {Id}:/links/absolute; Copy-CtrItem {Folder}/new {Id}:/links/folder/; Copy-CtrItem {Folder}/new {Id}:/links/up{Outside}/made; Copy-CtrItem {Folder}/new {Id}:../../..{Outside}/climbed"
        );
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(Outside).Select(e => Path.GetFileName(e)));
        Assert.Equal("outside", File.ReadAllText($"{Outside}/secret"));
        Engine.Require($"Copy-CtrItem {Id}:{Outside} {Folder}/inside -Recurse");
        Assert.Equal(
            ["climbed", "made", "new", "secret"],
            Directory.EnumerateFileSystemEntries($"{Folder}/inside").Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal)
        );
        Assert.Equal("written", File.ReadAllText($"{Folder}/inside/secret"));
        // A link alone, as a link.
        Engine.Require($"Copy-CtrItem {Id}:/links/absolute {Folder}/link -NoFollowSymlink");
        Assert.Equal($"{Outside}/secret", new FileInfo($"{Folder}/link").LinkTarget);
    }

    [Fact]
    public async Task Links_in_proc_that_leave_the_container_are_rejected()
    {
        await StartAsync("-- sh -c 'exec 9</etc/passwd; echo ready; exec sleep 1000'");
        File.WriteAllText($"{Folder}/new", "written");
        foreach (
            var path in new[]
            {
                "/proc/1/root/etc/passwd",
                "/proc/1/cwd/etc/passwd",
                "/proc/1/exe",
                "/proc/1/fd/9",
                "/proc/1/task/1/root/etc/passwd",
            }
        )
        {
            AssertError(
                Engine.Invoke($"Copy-CtrItem {Id}:{path} {Folder}/got").Error,
                ErrorIds.LinkNotFollowed,
                "CopyCtrItem",
                ErrorCategory.PermissionDenied
            );
            Assert.False(File.Exists($"{Folder}/got"));
        }

        AssertError(
            Engine.Invoke($"Copy-CtrItem {Folder}/new {Id}:/proc/1/root/made").Error,
            ErrorIds.LinkNotFollowed,
            "CopyCtrItem",
            ErrorCategory.PermissionDenied
        );
    }

    [Fact]
    public async Task A_link_that_is_swapped_in_during_a_copy_is_not_followed()
    {
        // The very path of the host's folder is there in the container too, so that a link to it always leads somewhere.
        await StartAsync(
            $$"""
            -- sh -c 'mkdir -p {{Outside}} /race/real/deep; echo inside > {{Outside}}/secret; echo inside > /race/real/secret; echo inside > /race/real/deep/secret; ln -s ../../../../../..{{Outside}} /race/link; ln -s {{Outside}} /race/real/deep/link; cp -a /race/real /race/other; cd /race; echo ready;
            while :; do mv real d; mv d real; mv link d; mv d link; mv real d; mv other/deep other/x; ln -s {{Outside}} other/deep; rm other/deep; mv other/x other/deep; mv d real; done'
            """
        );
        File.WriteAllText($"{Folder}/new", "written");
        Directory.CreateDirectory($"{Folder}/tree/deep");
        File.WriteAllText($"{Folder}/tree/deep/new", "written");
        var (arrived, failed) = (0, 0);
        // Until each has come through some times, however fast this machine is.
        for (var n = 0; n < 600 && (n < 150 || arrived < 40); n++)
        {
            foreach (
                var script in new[]
                {
                    $"Copy-CtrItem {Id}:/race/d/secret {Folder}/got -Force",
                    $"Copy-CtrItem {Id}:/race {Folder}/race{n} -Recurse",
                    $"Copy-CtrItem {Folder}/new {Id}:/race/d/",
                    $"Copy-CtrItem {Folder}/tree/. {Id}:/race/other -Recurse",
                    $"Copy-CtrItem {Folder}/new {Id}:/race/d/made/below -Force",
                }
            )
            {
                var done = Engine.Invoke(script);
                Assert.Null(done.Exception);
                Assert.All(done.Errors, e => Assert.IsAssignableFrom<CtrException>(e.Exception));
                _ = done.Errors.Count == 0 ? arrived++ : failed++;
            }

            Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(Outside).Select(e => Path.GetFileName(e)));
            if (File.Exists($"{Folder}/got"))
                Assert.Equal("inside\n", File.ReadAllText($"{Folder}/got"));
            if (Directory.Exists($"{Folder}/race{n}"))
            {
                // What was a link at that moment is one here; what is a file came from inside.
                Assert.DoesNotContain(
                    "outside",
                    await Shell.RunAsync("sh", "-c", $"find {Folder}/race{n} -type f -exec cat {{}} +"),
                    StringComparison.Ordinal
                );
                await Shell.RunAsync("rm", "-rf", $"{Folder}/race{n}");
            }
        }

        Assert.True(arrived > 0 && failed > 0, $"{arrived} arrived, {failed} met a link or nothing");
        Assert.Equal("outside", File.ReadAllText($"{Outside}/secret"));
        Assert.Empty((await Shell.RunAsync("find", Folder, "-name", ".ctr-copy*")).Trim());
        Engine.Require($"Suspend-CtrTask {Id}");
        Engine.Require($"Copy-CtrItem {Id}:/race {Folder}/last -Recurse");
        Assert.Empty((await Shell.RunAsync("find", $"{Folder}/last", "-name", ".ctr-copy*")).Trim());
    }

    [Fact]
    public async Task Links_of_one_copy_on_the_host_do_not_redirect_the_next_one()
    {
        await StartAsync(
            $"-- sh -c 'mkdir -p /a/t /b/t/evil /c/t /d/t; ln -s {Outside} /a/t/evil; echo x > /b/t/evil/secret; ln -s {Outside}/secret /c/t/file; echo x > /d/t/file; echo ready; exec sleep 1000'"
        );
        Directory.CreateDirectory($"{Folder}/to");
        Engine.Require($"Copy-CtrItem {Id}:/a/t {Folder}/to -Recurse");
        Assert.Equal(Outside, new FileInfo($"{Folder}/to/t/evil").LinkTarget);
        AssertError(
            Engine.Invoke($"Copy-CtrItem {Id}:/b/t {Folder}/to -Recurse").Error,
            ErrorIds.DestinationNotDirectory,
            "CopyCtrItem",
            ErrorCategory.ResourceBusy
        );
        // A file takes the link's place, and does not go through it.
        Engine.Require($"Copy-CtrItem {Id}:/c/t {Folder}/to -Recurse; Copy-CtrItem {Id}:/d/t {Folder}/to -Recurse");
        Assert.Equal("x\n", File.ReadAllText($"{Folder}/to/t/file"));
        Assert.Null(new FileInfo($"{Folder}/to/t/file").LinkTarget);
        Assert.Equal("outside", File.ReadAllText($"{Outside}/secret"));
    }

    [Fact]
    public async Task Devices_and_pipes_are_neither_read_nor_written()
    {
        await StartAsync(
            "-- sh -c 'mkfifo /pipe; mknod /disk b 7 200 2>/dev/null; mknod /zero c 1 5; echo ready; exec sleep 1000' -CapAdd MKNOD"
        );
        File.WriteAllText($"{Folder}/new", "written");
        Engine.Require($"Copy-CtrItem {Id}:/zero {Folder}/zero; Copy-CtrItem {Id}:/pipe {Folder}/pipe");
        Assert.Equal(
            "character special file 1:5 fifo",
            (await Shell.RunAsync("stat", "-c", "%F %t:%T", $"{Folder}/zero")).Trim()
                + " "
                + (await Shell.RunAsync("stat", "-c", "%F", $"{Folder}/pipe")).Trim()
        );
        foreach (var path in new[] { "/zero", "/pipe", "/dev/null" })
        {
            AssertError(
                Engine.Invoke($"Copy-CtrItem {Folder}/new {Id}:{path}").Error,
                ErrorIds.DestinationIsSpecial,
                "CopyCtrItem",
                ErrorCategory.ResourceBusy
            );
            Assert.True(Engine.Require<string>($"Invoke-CtrExec {Id} -- stat -c %F {path}") is "character special file" or "fifo");
        }

        Engine.Require($"Copy-CtrItem {Folder}/new {Id}:/pipe -Force");
        Assert.Equal("regular file", Engine.Require<string>($"Invoke-CtrExec {Id} -- stat -c %F /pipe"));

        // A device of this machine is replaced by nothing but another one.
        AssertError(
            Engine.Invoke($"Copy-CtrItem {Id}:/pipe {Folder}/zero -Force").Error,
            ErrorIds.DestinationIsSpecial,
            "CopyCtrItem",
            ErrorCategory.ResourceBusy
        );
        Engine.Require($"Copy-CtrItem {Id}:/dev/null {Folder}/zero -Force");
        Assert.Equal("character special file 1:3", (await Shell.RunAsync("stat", "-c", "%F %t:%T", $"{Folder}/zero")).Trim());
    }

    [Fact]
    public async Task Hard_links_stay_in_their_tree()
    {
        await StartAsync(
            "-- sh -c 'mkdir /t; echo shared > /elsewhere; ln /elsewhere /t/one; ln /elsewhere /t/two; echo ready; exec sleep 1000'"
        );
        Engine.Require($"Copy-CtrItem {Id}:/t {Folder}/t -Recurse; Copy-CtrItem {Id}:/t {Id}:/t2 -Recurse");
        Assert.Equal("2 2", (await Shell.RunAsync("stat", "-c", "%h", $"{Folder}/t/one", $"{Folder}/t/two")).Trim().Replace('\n', ' '));
        // A copy in the same container is one, not a further name of what is there.
        Assert.Equal(
            "changed\nshared",
            string.Join(
                '\n',
                Engine.Require($"Invoke-CtrExec {Id} -- sh -c 'echo changed > /t2/one; cat /t2/two /elsewhere'").Select(o => o.ToString())
            )
        );
    }
}
