using System.Management.Automation;
using Containerd.Client;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>
/// A test with a user's session on the shared daemon and a container id of its own; what it left of its containers goes afterwards.
/// </summary>
public abstract class LifecycleTest(DaemonFixtures fixtures) : IAsyncLifetime
{
    private readonly List<string> _ids = [];
    private string? _folder;

    /// <summary>The shared busybox image.</summary>
    protected const string Busybox = TestImages.Busybox;

    /// <summary>Runs for ever, ends with code 7 when asked to.</summary>
    protected const string Graceful = "-- sh -c 'trap \"exit 7\" TERM; echo ready; while :; do sleep 1 & wait $!; done'";

    /// <summary>Runs for ever, whatever it is asked.</summary>
    protected const string Stubborn = "-- sh -c 'trap : TERM; echo ready; while :; do sleep 1 & wait $!; done'";

    /// <summary>Runs for ever and does nothing; a first process that does not handle a signal ignores it.</summary>
    protected const string Idle = "-- sleep 1000";

    protected DaemonFixtures DaemonFixtures { get; } = fixtures;

    protected DaemonFixture DaemonFixture { get; private set; } = null!;

    protected Engine Engine { get; private set; } = null!;

    /// <summary>The test's container.</summary>
    protected string Id { get; private set; } = "";

    /// <summary>A folder of the test's own.</summary>
    protected string Folder => _folder ??= Directory.CreateTempSubdirectory("containerd-lifecycle-").FullName;

    public async ValueTask InitializeAsync()
    {
        DaemonFixture = await DaemonFixtures.GetAsync();
        Engine = DaemonFixture.Open();
        Id = NewId();
        await PrepareAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var id in _ids)
            Engine.Invoke($"Get-CtrContainer {id}* | Remove-CtrContainer -Force");
        Engine.Dispose();
        // Names may be no text, which .NET would not find.
        if (_folder is not null)
            await Shell.RunAsync("rm", "-rf", _folder);
        GC.SuppressFinalize(this);
    }

    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Goes on with another daemon than the shared one.</summary>
    protected void Use(DaemonFixture fixture)
    {
        Engine.Dispose();
        DaemonFixture = fixture;
        Engine = fixture.Open();
    }

    /// <summary>An id that no other test has.</summary>
    protected string NewId(string prefix = "t")
    {
        var id = PrivateDaemon.Unique(prefix);
        _ids.Add(id);
        return id;
    }

    /// <summary>
    /// A runtime that takes its time for one of its commands: it makes a file when it begins, or when it is done, and waits for another
    /// before it goes on.
    /// </summary>
    protected async Task<string> SlowRuntimeAsync(string command, bool done = false)
    {
        var slow = Path.Combine(Folder, $"slow-{command}");
        var pause = $"touch {slow}-begun; until [ -e {slow}-go ]; do sleep 0.05; done";
        await File.WriteAllTextAsync(
            slow,
            $"#!/bin/sh\ncase \" $* \" in *' {command} '*) {(done ? $"runc \"$@\"; code=$?; {pause}; exit $code" : pause)};; esac\nexec runc \"$@\"\n"
        );
        await Shell.RunAsync("chmod", "+x", slow);
        return slow;
    }

    /// <summary>Makes a container, starts it, and waits for its first output where there is any.</summary>
    protected async Task<CtrTask> StartAsync(string command = Idle, string? id = null, string options = "", string startOptions = "")
    {
        id ??= Id;
        var task = Engine.Require<CtrTask>($"New-CtrContainer {id} -Image {Busybox} {options} {command} | Start-CtrTask {startOptions}");
        if (command.Contains("echo ready", StringComparison.Ordinal))
            await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {id}").Count > 0);
        return task;
    }

    protected CtrStatus Status(string? id = null) => Engine.Require<CtrTask>($"Get-CtrTask {id ?? Id}").Status;

    protected static void AssertError(ErrorRecord error, string id, string cmdlet, ErrorCategory category, object? target = null)
    {
        // The message says more than the id of an unexpected error.
        Assert.True(
            $"{id},Containerd.PowerShell.{cmdlet}Command" == error.FullyQualifiedErrorId,
            $"Expected {id} of {cmdlet}, and got {error.FullyQualifiedErrorId}: {error}"
        );
        Assert.Equal(category, error.CategoryInfo.Category);
        if (target is not null)
            Assert.Equal(target, error.TargetObject is PSObject wrapped ? wrapped.BaseObject : error.TargetObject);
    }

    /// <summary>Nothing of a container is left: no metadata, snapshot, task, or folder of output.</summary>
    protected async Task AssertGoneAsync(string id)
    {
        Assert.DoesNotContain(await DaemonFixture.LeftAsync(), left => left.Contains(id, StringComparison.Ordinal));
        Assert.Empty(LogFolders(id));
    }

    /// <summary>The folders of a container's output.</summary>
    protected IReadOnlyList<string> LogFolders(string id) =>
        Directory.Exists(LogRoot) ? [.. Directory.EnumerateDirectories(LogRoot, $"{id}~*", SearchOption.AllDirectories)] : [];

    private string LogRoot => CtrDaemonFolder.DataRootFor(DaemonFixture.Daemon.SocketPath)!;
}
