using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Published ports that cannot be moved to another container stay where they are.</summary>
public sealed class PortMoveTests
{
    [Fact]
    public async Task If_a_move_fails_the_first_container_keeps_its_ports()
    {
        await using var daemon = await StartAsync();
        var before = await SpecsAsync(daemon);

        // The second container ends after the client has seen it: it is no longer attached.
        var record = daemon.Folders.RecordOf(daemon.Request("green", 0).Attachment);
        File.Move(record, record + ".away");
        await FailsAsync(daemon, ErrorIds.TaskNotRunning, "green");
        File.Move(record + ".away", record);

        // The plugin publishes the ports and then fails, and the next time it removes those of the first container and fails.
        var portmap = Path.Combine(daemon.OwnPlugins, "portmap");
        foreach (var (command, id) in new[] { ("ADD", "green"), ("DEL", "blue") })
        {
            await File.WriteAllTextAsync(
                portmap,
                $$"""
                #!/bin/sh
                {{daemon.Folders.Plugins[1]}}/portmap "$@" || exit
                case $CNI_COMMAND-$CNI_CONTAINERID in {{command}}-*-{{id}}-*) echo told to fail >&2; exit 1 ;; esac
                """
            );
            File.SetUnixFileMode(portmap, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            await FailsAsync(daemon, ErrorIds.NetworkPluginFailed, "told to fail");
        }

        File.Delete(portmap);
        await daemon.Ns.Networks.MovePortsAsync("blue", "green");
        Assert.Equal("green", await daemon.FetchAsync());
        foreach (var id in new[] { "blue", "green" })
            await daemon.Ns.Containers.RemoveAsync(id, force: true);
        await daemon.AssertNothingLeftAsync();

        async Task FailsAsync(NetworkDaemon on, string errorId, string text)
        {
            var error = await Assert.ThrowsAnyAsync<CtrException>(() => on.Ns.Networks.MovePortsAsync("blue", "green"));
            Assert.Equal(errorId, error.ErrorId);
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
            Assert.Equal("blue", await on.FetchAsync());
            Assert.Equal(before, await SpecsAsync(on));
            Assert.DoesNotContain("green", await on.RunAsync("iptables -t nat -S CNI-HOSTPORT-DNAT"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task If_the_daemon_does_not_answer_the_first_container_keeps_its_ports_and_the_error_says_so()
    {
        await using var daemon = await StartAsync();
        var pid = daemon.DaemonPid();
        var portmap = Path.Combine(daemon.OwnPlugins, "portmap");
        await File.WriteAllTextAsync(
            portmap,
            $"#!/bin/sh\n[ $CNI_COMMAND = ADD ] && kill -STOP {pid}\nexec {daemon.Folders.Plugins[1]}/portmap \"$@\"\n"
        );
        File.SetUnixFileMode(portmap, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = daemon.Daemon.Address, OperationTimeout = TimeSpan.FromSeconds(2) }
        );
        CtrException error;
        try
        {
            error = await Assert.ThrowsAnyAsync<CtrException>(() =>
                client.In(daemon.Daemon.Namespace).Networks.MovePortsAsync("blue", "green")
            );
            File.Delete(portmap);
        }
        finally
        {
            await Shell.RunAsync("kill", "-CONT", $"{pid}");
        }

        Assert.Equal(ErrorIds.DaemonTimedOut, error.ErrorId);
        Assert.Equal("blue", await daemon.FetchAsync());
        Assert.DoesNotContain("green", await daemon.RunAsync("iptables -t nat -S CNI-HOSTPORT-DNAT"), StringComparison.Ordinal);
        foreach (var id in new[] { "blue", "green" })
            await daemon.Ns.Containers.RemoveAsync(id, force: true);
        await daemon.AssertNothingLeftAsync();
    }

    /// <summary>Two containers that answer with their ids; the first one publishes its port.</summary>
    private static async Task<NetworkDaemon> StartAsync()
    {
        var daemon = await NetworkDaemon.StartAsync("bookworm", "runc");
        // The client looks for the networks of the daemon in its data folder.
        var folder = Path.Combine(daemon.Daemon.Daemon.Path, "networks", "net.d");
        Directory.CreateDirectory(folder);
        File.Copy(daemon.Network.Path, Path.Combine(folder, Path.GetFileName(daemon.Network.Path)));
        await daemon.CreateAsync("blue", "exec busybox nc -ll -p 80 -e echo blue");
        await daemon.CreateAsync("green", "exec busybox nc -ll -p 80 -e echo green", port: 0);
        foreach (var id in new[] { "blue", "green" })
            await daemon.Ns.Tasks.StartAsync(id, new TaskStartOptions { NoLog = true });
        Assert.Equal("blue", await daemon.FetchAsync());
        return daemon;
    }

    private static async Task<string> SpecsAsync(NetworkDaemon daemon) =>
        string.Join(
            '\n',
            (await daemon.Ns.Containers.ListAsync()).OrderBy(c => c.ContainerId).Select(c => c.Spec!.ToJson(indented: false))
        );
}
