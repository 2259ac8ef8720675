using System.IO.Pipes;
using Containerd.Host.Native;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>Each command that writes a file leaves what stands at the path what it is, and returns what Get-Item returns.</summary>
public sealed class ExportPathTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Exports =>
        [
            "Export-CtrImage busybox:test",
            "Export-CtrContent (Get-CtrImage busybox:test).Digest",
            "Export-CtrSnapshot (Get-CtrSnapshot)[0].Name",
        ];

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task Devices_pipes_and_links_are_kept_and_files_keep_owner_and_mode(string export)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        await RunAsync(
            space,
            "mknod device c 1 3 && mkfifo pipe && echo old > target && ln -s target link && echo old > private && chmod 600 private && chown 1234:4321 private && echo old > one && ln one two && ln -s nothing dangling"
        );
        var before = await RunAsync(space, "stat -c '%n %A %t:%T' device pipe link; stat -c '%A %u:%g' private; stat -c '%h' one");

        var reader = CountAsync(Path.Combine(space.Folder, "pipe"));
        foreach (var name in new[] { "device", "pipe", "link", "private", "one", "dangling" })
            space.Engine.Require($"$null = {export} '{space.Folder}/{name}'");

        Assert.Equal(before, await RunAsync(space, "stat -c '%n %A %t:%T' device pipe link; stat -c '%A %u:%g' private; stat -c '%h' one"));
        Assert.True(await reader > 100);
        Assert.Equal("same", (await RunAsync(space, "cmp two target && cmp two private && cmp two nothing && echo same")).Trim());
        Assert.Equal(ErrorIds.FileExists, space.ErrorId($"{export} '{space.Folder}/device' -NoClobber"));
        Assert.DoesNotContain(Directory.GetFiles(space.Folder), f => Path.GetFileName(f).StartsWith('.'));
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public async Task The_output_is_what_Get_Item_returns(string export)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        space.Engine.Require(
            $"$s = $ExecutionContext.SessionState; $null = $s.Drive.New([Management.Automation.PSDriveInfo]::new('Here', $s.Provider.GetOne('FileSystem'), '{space.Folder}', '', $null), 'global'); $null = [IO.Directory]::CreateDirectory('{space.Folder}/each')"
        );
        const string Properties =
            "'PSPath', 'PSParentPath', 'PSChildName', 'PSDrive', 'PSProvider', 'PSIsContainer', 'Name', 'FullName', 'Length', 'UnixStat'";
        foreach (var path in new[] { $"{space.Folder}/a.tar", "Here:/b.tar", "Here:/each" })
        {
            // What the provider gives for the path, as Get-Item does.
            var values = space.Texts(
                $"$x = {export} {path}; $g = $ExecutionContext.InvokeProvider.Item.Get($(if ('{path}' -like '*each') {{ \"{path}/$($x.Name)\" }} else {{ '{path}' }})); $x, $g | ForEach-Object {{ $i = $_; ({Properties} | ForEach-Object {{ \"$_=$($i.$_)\" }}) -join ' ' }}"
            );
            Assert.Equal(values[1], values[0]);
            Assert.Contains("PSPath=Microsoft.PowerShell.Core\\FileSystem::", values[0], StringComparison.Ordinal);
            Assert.DoesNotContain("Length=0", values[0], StringComparison.Ordinal);
        }
    }

    /// <summary>Reads a named pipe to its end, with its reading end open from now on.</summary>
    private static async Task<int> CountAsync(string pipe)
    {
        var reader = new AnonymousPipeClientStream(PipeDirection.In, Libc.OpenFifoToRead(pipe));
        await Task.Yield();
        await using (reader)
        {
            var buffer = new byte[1 << 16];
            for (var count = 0; ; )
            {
                var read = await reader.ReadAsync(buffer, TestContext.Current.CancellationToken);
                count += read;
                if (read > 0)
                    continue;
                if (count > 0)
                    return count;
                // No writer yet.
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    private static Task<string> RunAsync(StorageSpace space, string script) => Shell.RunAsync("sh", "-c", $"cd {space.Folder} && {script}");
}
