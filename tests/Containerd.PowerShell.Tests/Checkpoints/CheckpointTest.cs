using System.Globalization;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>A test on a daemon that has CRIU.</summary>
public abstract class CheckpointTest(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    /// <summary>Counts, in memory alone.</summary>
    protected const string Counter = "-- sh -c 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done'";

    /// <summary>Counts over a connection to itself, which CRIU does not save unasked.</summary>
    protected const string Connected =
        "-- sh -c 'nc -l -p 5000 -e cat & sleep 0.3; (i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done) | nc 127.0.0.1 5000'";

    /// <summary>The host's programs, for what busybox has not.</summary>
    protected static string HostPrograms { get; } =
        "-Mount "
        + string.Join(
            ", ",
            new[] { "/usr:/usr:ro", "/usr/lib:/lib:ro", "/usr/lib64:/lib64:ro" }
                .Where(mount => Directory.Exists(mount.Split(':')[0]))
                .Select(mount => $"'{mount}'")
        );

    /// <summary>Where the test's checkpoint goes.</summary>
    protected string CheckpointPath => Path.Combine(Folder, "checkpoint");

    /// <summary>Uses a daemon of a suite that has CRIU.</summary>
    protected async Task UseCriuAsync(string suite)
    {
        await RequireCriuAsync();
        Use(await DaemonFixtures.WithCriuAsync(suite));
    }

    /// <summary>Skips the test where CRIU does not work.</summary>
    protected static async Task RequireCriuAsync()
    {
        var failure = await Criu.FailureAsync();
        Assert.SkipWhen(failure is not null, failure ?? "");
    }

    /// <summary>Starts a counter and waits until it counts.</summary>
    protected async Task<CtrTask> StartCounterAsync(string options = "", string? id = null)
    {
        var task = await StartAsync(Counter, id, options);
        await CountsOnAsync(id ?? Id);
        return task;
    }

    /// <summary>The numbers that a counter has written, over all its starts.</summary>
    protected int[] Counted(string? id = null) =>
        [
            .. Engine
                .Require($"Get-CtrLog {id ?? Id} -Stream Stdout")
                .Select(line => int.Parse(line.ToString()!.TrimEnd('\r'), CultureInfo.InvariantCulture)),
        ];

    /// <summary>Waits until a counter has continued.</summary>
    protected async Task CountsOnAsync(string? id = null)
    {
        var now = Counted(id).Length;
        await Eventually.TrueAsync(() => Counted(id).Length > now + 2);
    }

    /// <summary>A counter has counted without a gap or a step back, from one or from where its memory was.</summary>
    protected int AssertConsecutive(string? id = null)
    {
        var counted = Counted(id);
        Assert.Equal(Enumerable.Range(counted[0], counted.Length), counted);
        return counted[0];
    }

    /// <summary>The existing containers have the same state, and there are no others.</summary>
    protected async Task AssertUnchangedAsync(Func<Invocation> attempt, Action<ErrorRecord> check)
    {
        var before = await StateAsync();
        var done = attempt();
        Assert.Empty(done.Output);
        check(done.Error);
        Assert.Equal(before, await StateAsync());
    }

    private async Task<string[]> StateAsync() =>
        [
            .. (await DaemonFixture.LeftAsync()).Where(left => left.Contains(Id, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            .. Engine
                .Require($"Get-CtrTask {Id}*")
                .Select(task => (CtrTask)task.BaseObject)
                .Select(task => $"{task.ContainerId} {task.Status} {task.Pid}"),
            .. Engine.Require($"Get-CtrContainer {Id}*").Select(container => ((CtrContainer)container.BaseObject).Spec!.ToJson()),
            .. Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
        ];
}
