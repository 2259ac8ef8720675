using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Ssh;

/// <summary>The tests that share one, one after the other: they look for what is left of all tunnels of this process.</summary>
[CollectionDefinition(SshFixture.Name)]
public sealed class SshFixtures : ICollectionFixture<SshFixture> { }

/// <summary>A host with a real sshd, and a daemon whose socket is the one there.</summary>
public sealed class SshFixture : IAsyncLifetime
{
    public const string Name = "ssh";

    public DaemonFixture DaemonFixture { get; private set; } = null!;

    public TestSshHost Host { get; private set; } = null!;

    /// <summary>The parameters that lead to the daemon.</summary>
    public string ToDaemon =>
        $"-HostName root@{Host.Address} -Port {TestSshHost.Port} -Address {DaemonFixture.Daemon.SocketPath} {Host.Parameters} -Namespace {DaemonFixture.Namespace}";

    public async ValueTask InitializeAsync()
    {
        DaemonFixture = await DaemonFixture.StartAsync("bookworm", "runc");
        Host = await TestSshHost.StartAsync(socket: DaemonFixture.Daemon.SocketPath);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await DaemonFixture.DisposeAsync();
    }

    /// <summary>The folders of this process's tunnels.</summary>
    public static IReadOnlyList<string> Folders(int? pid = null)
    {
        const string Root = "/run/containerd-powershell/ssh";
        return Directory.Exists(Root) ? [.. Directory.EnumerateDirectories(Root, $"{pid ?? Environment.ProcessId}-*")] : [];
    }

    internal static ErrorRecord Refused(Invocation done, string id, string cmdlet, ErrorCategory category)
    {
        Assert.Empty(done.Output);
        Assert.Equal($"{id},Containerd.PowerShell.{cmdlet}Command", done.Error.FullyQualifiedErrorId);
        Assert.Equal(category, done.Error.CategoryInfo.Category);
        Assert.NotEmpty(done.Error.ErrorDetails.RecommendedAction);
        return done.Error;
    }
}
