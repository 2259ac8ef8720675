using System.Diagnostics;
using System.Globalization;
using Containerd.Testing;

namespace Containerd.Client.Tests.Daemons;

/// <summary>A daemon that is started with umask 0, in a folder with programs of another user, on a machine whose /run is empty.</summary>
public sealed class HostileStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-trap-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task No_program_of_the_current_folder_runs_and_no_other_user_can_write_to_a_file()
    {
        foreach (var program in new[] { "setsid", "sh", "containerd", "sed", "date" })
        {
            var trap = Path.Combine(_folder, program);
            await File.WriteAllTextAsync(trap, $"#!/bin/sh\necho {program} >> {_folder}/ran\n");
            File.SetUnixFileMode(trap, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var name = PrivateDaemon.Unique("hostile");
        var data = "";
        string[] words =
        [
            "-m",
            "sh",
            "-c",
            $"mount -t tmpfs -o mode=755 tmpfs /run && cd {_folder} && umask 0 && PATH=.:$PATH && exec \"$0\" \"$@\"",
            Environment.ProcessPath!,
            DaemonHost.Verb,
            name,
            "attached",
        ];
        using var child = Process.Start(new ProcessStartInfo("unshare", words) { UseShellExecute = false, RedirectStandardInput = true })!;
        try
        {
            // Its /run is its own.
            var run = string.Create(CultureInfo.InvariantCulture, $"/proc/{child.Id}/root/run/containerd-powershell");
            await Eventually.TrueAsync(
                () => File.Exists($"{run}/daemons/{name}/ready") || File.Exists($"{_folder}/ran") || child.HasExited,
                TimeSpan.FromSeconds(60)
            );
            Assert.False(File.Exists($"{_folder}/ran"), "a program of the current folder was run");
            Assert.True(File.Exists($"{run}/daemons/{name}/ready"));
            data = Assert.Single(Directory.GetDirectories("/tmp", $"containerd-{name}-*"));
            string[] all =
            [
                run,
                .. Directory.GetFileSystemEntries(run, "*", SearchOption.AllDirectories),
                data,
                Path.Combine(data, "config.toml"),
                Path.Combine(data, "containerd.log"),
                Path.Combine(data, "root"),
                Path.Combine(data, "state"),
            ];
            Assert.Contains($"{run}/daemons/{name}/supervise.sh", all);
            Assert.Equal(
                [],
                all.Where(path =>
                    !path.Contains(".sock", StringComparison.Ordinal)
                    && (File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0
                )
            );
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }

        await Eventually.TrueAsync(() => !Directory.Exists(data));
    }
}
