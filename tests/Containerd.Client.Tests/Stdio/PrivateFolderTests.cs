using System.Diagnostics;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Testing;

namespace Containerd.Client.Tests.Stdio;

public sealed class PrivateFolderTests
{
    [Fact]
    public async Task A_folder_is_removed_when_no_process_holds_its_lock_whatever_pid_its_name_has()
    {
        var kind = PrivateDaemon.Unique("kind");
        var root = RunFolder.Make(kind);
        // The name of a process that this pid namespace does not have, as another one's would be.
        var living = Directory.CreateDirectory(Path.Combine(root, "4000001-aaaa")).FullName;
        var dead = Directory.CreateDirectory(Path.Combine(root, $"{Environment.ProcessId}-bbbb", "1")).Parent!.FullName;
        var starting = Directory.CreateDirectory(Path.Combine(root, ".new-4000002-cccc")).FullName;
        // In a pid namespace of its own, where it has another id.
        using var other = Process.Start(
            new ProcessStartInfo("unshare", ["-p", "-f", "--kill-child", "flock", living, "sleep", "600"]) { UseShellExecute = false }
        )!;
        try
        {
            await Eventually.TrueAsync(() =>
            {
                using var free = LibcFiles.LockFolder(living);
                return free is null;
            });
            var mine = PrivateFolder.Make(kind);
            Assert.Equal(TrustedFolder.FolderMode, File.GetUnixFileMode(mine));
            Assert.True(Directory.Exists(living));
            Assert.True(Directory.Exists(starting));
            Assert.False(Directory.Exists(dead));

            var second = PrivateFolder.Make(kind);
            Assert.Null(LibcFiles.LockFolder(Path.GetDirectoryName(mine)!));
            PrivateFolder.Remove(mine);
            PrivateFolder.Remove(second);
            Assert.False(Directory.Exists(Path.GetDirectoryName(mine)));
            PrivateFolder.Remove(PrivateFolder.Make(kind));
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync();
            Directory.Delete(root, recursive: true);
        }
    }
}
