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

    /// <summary>The folders of this process's tunnels, without those to the virtual machine, whose tests run at the same time.</summary>
    public static IReadOnlyList<string> Folders(int? pid = null)
    {
        const string Root = "/run/containerd-powershell/ssh";
        if (!Directory.Exists(Root))
            return [];
        var others = Directory
            .EnumerateDirectories("/proc")
            .Select(CommandLine)
            .Where(line => line.Contains("/containerd-vm-", StringComparison.Ordinal))
            .ToList();
        return
        [
            .. Directory
                .EnumerateDirectories(Root, $"{pid ?? Environment.ProcessId}-*")
                .Where(folder => !others.Exists(line => line.Contains(folder, StringComparison.Ordinal))),
        ];
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is no process, or has ended.
            return "";
        }
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
