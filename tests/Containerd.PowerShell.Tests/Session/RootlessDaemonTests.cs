using System.Diagnostics;
using System.Globalization;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>A containerd in a user namespace: its files and ids are not ours, so it is told from another one, with the way in.</summary>
public sealed class RootlessDaemonTests
{
    [Fact]
    public async Task A_daemon_in_another_user_namespace_is_rejected_with_the_command_that_enters_it()
    {
        var script = Path.Combine(Directory.CreateTempSubdirectory("containerd-rootless-").FullName, "containerd");
        await File.WriteAllTextAsync(script, "#!/bin/sh\nexec unshare -U --map-root-user containerd \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await using var daemon = await PrivateDaemon.StartAsync(adjust: options => options.ContainerdPath = script);
            using var engine = new Engine();
            var error = engine.Invoke($"Connect-CtrSession {daemon.Address}").Error;
            Assert.Equal("RootlessDaemon,Containerd.PowerShell.ConnectCtrSessionCommand", error.FullyQualifiedErrorId);
            Assert.Equal(System.Management.Automation.ErrorCategory.ConnectionError, error.CategoryInfo.Category);
            Assert.Contains(
                $"nsenter -U --preserve-credentials -m -n -t {daemon.Daemon.Pid} pwsh",
                error.ErrorDetails.RecommendedAction,
                StringComparison.Ordinal
            );
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(script)!, recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_socket_the_error_names_a_running_rootless_containerd()
    {
        var runtime = Directory.CreateTempSubdirectory("containerd-runtime-").FullName;
        using var child = Process.Start(
            new ProcessStartInfo("unshare", ["-U", "--map-root-user", "sh", "-c", "echo ready; exec sleep 600"])
            {
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            await child.StandardOutput.ReadLineAsync();
            var place = Directory.CreateDirectory(Path.Combine(runtime, "containerd-rootless")).FullName;
            await File.WriteAllTextAsync(Path.Combine(place, "child_pid"), child.Id.ToString(CultureInfo.InvariantCulture) + "\n");
            var rootless = await ConnectAsync();
            Assert.Equal(ErrorIds.RootlessDaemon, rootless["id"]);
            Assert.Contains($"nsenter -U --preserve-credentials -m -n -t {child.Id} pwsh", rootless["remedy"], StringComparison.Ordinal);

            // A process of our own namespace is no rootless daemon, nor is one that has ended.
            await File.WriteAllTextAsync(Path.Combine(place, "child_pid"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(ErrorIds.SocketNotFound, (await ConnectAsync())["id"]);
        }
        finally
        {
            child.Kill();
            Directory.Delete(runtime, recursive: true);
        }

        Task<HostRun> ConnectAsync() =>
            HostProcess.RunAsync(
                $$"""
                Import-Module Containerd
                try { Connect-CtrSession {{runtime}}/none.sock } catch { Say id $_.Exception.ErrorId; Say remedy $_.ErrorDetails.RecommendedAction }
                """,
                new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = runtime }
            );
    }
}
