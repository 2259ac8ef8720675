using System.Globalization;
using System.Management.Automation;
using Containerd.Client.Workloads.Stats;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Libcontainerd;

/// <summary>
/// Every member of libcontainerd's interface once, and every event, on the oldest and the newest containerd with either runtime.
/// Checkpoints have tests of their own.
/// </summary>
public sealed class MemberTests(DaemonFixtures fixtures)
{
    private const string Quiet = "-- sh -c 'x=$(head -c 20000000 /dev/zero | tr \"\\\\0\" x); echo ready; while :; do sleep 1; done'";

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task Every_member_works_and_every_event_comes(string suite, string runtime)
    {
        var fixture = await fixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        var (id, hungry) = (PrivateDaemon.Unique("member"), PrivateDaemon.Unique("hungry"));
        string[] Lines(string script) => [.. engine.Require(script).Select(o => o.ToString()!.TrimEnd('\r'))];
        // Backend.ProcessEvent
        engine.Require(
            $"Register-CtrEvent {id}, {hungry} -EventType Create, Start, ExecAdded, ExecStarted, Paused, Resumed, Oom, Exit -SourceIdentifier story"
        );

        // Version, Create, Status
        Assert.Matches(suite == "bookworm" ? "^1\\.6\\." : "^2\\.", engine.Require<CtrVersion>("Get-CtrVersion").Version);
        var made = engine.Require<CtrContainer>(
            $"New-CtrContainer {id} -Image {TestImages.Busybox} -Runtime {runtime} -Memory 64m -- sh -c 'echo ready; cat; exit 5'"
        );
        Assert.Equal("io.containerd.runc.v2", made.Runtime);
        Assert.Equal(CtrStatus.Created, engine.Require<CtrTask>($"New-CtrTask {id} -WithStdin").Status);

        // Start, Restore
        var task = engine.Require<CtrTask>($"Start-CtrTask {id}");
        Assert.Equal(CtrStatus.Running, engine.Require<CtrTask>($"Get-CtrTask {id}").Status);
        await Eventually.TrueAsync(() => Lines($"Get-CtrLog {id}") is ["ready"]);
        var found = engine.Require<CtrTaskConnection>($"Connect-CtrTask {id}");
        Assert.Equal((true, task.Pid, true, true), (found.Alive, found.Pid, found.HasInput, found.HasOutput));

        // Exec, ResizeTerminal, SignalProcess
        engine.Require(
            $"$exec = Invoke-CtrExec {id} -NoStart -ExecId term -Tty -WithStdin -- sh -c 'trap \"stty size; exit 9\" USR1; echo up; while :; do sleep 0.1; done'"
        );
        var exec = engine.Require<CtrProcess>("$exec | Start-CtrExec");
        await Eventually.TrueAsync(() => Lines("$exec | Get-CtrLog").Contains("up"));
        engine.Require($"Resize-CtrTerminal {id} -ExecId term -Width 91 -Height 17; Send-CtrSignal {id} USR1 -ExecId term");
        Assert.Equal(9, engine.Require<CtrExit>("$exec | Wait-CtrTask -Timeout 30").ExitCode);
        await Eventually.TrueAsync(() => Lines("$exec | Get-CtrLog").Contains("17 91"));
        engine.Require("$exec | Remove-CtrTask");

        // Pause, Resume
        Assert.Equal(CtrStatus.Paused, engine.Require<CtrTask>($"Suspend-CtrTask {id} -PassThru").Status);
        Assert.Equal(CtrStatus.Running, engine.Require<CtrTask>($"Resume-CtrTask {id} -PassThru").Status);

        // Stats, ListPids, Summary, UpdateResources
        engine.Require($"Update-CtrTask {id} -Memory 96m -PidsLimit 44");
        Assert.Equal(
            "100663296",
            await File.ReadAllTextAsync($"/sys/fs/cgroup/memory/{fixture.Namespace}/{id}/memory.limit_in_bytes")
                .ContinueWith(t => t.Result.Trim(), TaskScheduler.Default)
        );
        var stats = engine.Require<CtrStats>($"Get-CtrStats {id} -SingleReading");
        Assert.Equal((96L << 20, 44L, true), (stats.MemoryLimit, stats.PidsLimit, stats.MemoryUsed > 0));
        var processes = engine.Require($"Get-CtrProcess {id}").Select(p => (CtrProcessInfo)p.BaseObject).ToList();
        Assert.Contains(processes, p => p.IsInit && p.Pid == task.Pid);
        Assert.Equal(100663296, engine.Require<CtrContainer>($"Get-CtrContainer {id}").Spec!.Linux!.Resources!.Memory!.Limit);

        // StdioCallback's streams are tested in StdioCallbackTests; here the started task's: CloseStdin
        engine.Require($"'last words' | Send-CtrInput {id}; Close-CtrStdin {id}");
        Assert.Equal(5, engine.Require<CtrExit>($"Wait-CtrTask {id} -Timeout 30").ExitCode);
        await Eventually.TrueAsync(() => Lines($"Get-CtrLog {id}") is ["ready", "last words"]);
        Assert.Equal(CtrStatus.Stopped, engine.Require<CtrTask>($"Get-CtrTask {id}").Status);

        // DeleteTask, Delete
        var deleted = engine.Require<CtrExit>($"Remove-CtrTask {id}");
        Assert.Equal((5, task.Pid), (deleted.ExitCode!.Value, deleted.Pid));
        Assert.InRange(deleted.ExitedAt!.Value, DateTime.Now.AddMinutes(-2), DateTime.Now.AddSeconds(1));
        engine.Require($"Remove-CtrContainer {id}");

        var starved = engine.Require<CtrExit>(
            $"New-CtrContainer {hungry} -Image {TestImages.Busybox} -Runtime {runtime} -Memory 8m -- sh -c 'sleep 1; x=a; while :; do x=$x$x; done' | Start-CtrTask | Wait-CtrTask -Timeout 60"
        );
        Assert.Equal(137, starved.ExitCode);
        engine.Require($"Remove-CtrContainer {hungry}");

        var told = new List<CtrEvent>();
        await Eventually.TrueAsync(() =>
        {
            told = [.. engine.Runspace.Events.ReceivedEvents.Select(e => (CtrEvent)e.SourceEventArgs)];
            return told.Count(e => e.ContainerId == hungry && e.Type is CtrEventType.Oom or CtrEventType.Exit) == 2;
        });
        Assert.Equal(
            [
                (CtrEventType.Create, id, task.Pid, null),
                (CtrEventType.Start, id, task.Pid, null),
                (CtrEventType.ExecAdded, "term", 0, null),
                (CtrEventType.ExecStarted, "term", exec.Pid, null),
                (CtrEventType.Exit, "term", exec.Pid, 9),
                (CtrEventType.Paused, "", 0, null),
                (CtrEventType.Resumed, "", 0, null),
                (CtrEventType.Exit, id, task.Pid, (int?)5),
            ],
            told.Where(e => e.ContainerId == id).Select(e => (e.Type, e.ProcessId, e.Pid, e.ExitCode))
        );
        Assert.Equal(
            [CtrEventType.Create, CtrEventType.Start, CtrEventType.Oom, CtrEventType.Exit],
            told.Where(e => e.ContainerId == hungry).Select(e => e.Type)
        );
        Assert.All(told, e =>
            Assert.Equal(e.ContainerId == hungry && e.Type is CtrEventType.Oom or CtrEventType.Exit && e.ContainerId == hungry, e.OomKilled)
        );
        Assert.DoesNotContain(await fixture.LeftAsync(), left =>
            left.Contains(id, StringComparison.Ordinal) || left.Contains(hungry, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task Bad_input_is_one_error_and_changes_nothing(string suite, string runtime)
    {
        var fixture = await fixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        var id = PrivateDaemon.Unique("bad");
        var task = engine.Require<CtrTask>(
            $"New-CtrContainer {id} -Image {TestImages.Busybox} -Runtime {runtime} -Memory 128m -MemorySwap 128m -CpuShares 700 {Quiet} | Start-CtrTask"
        );
        try
        {
            await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {id}").Count == 1);
            string Cgroup(string controller, string file) =>
                File.ReadAllText($"/sys/fs/cgroup/{controller}/{fixture.Namespace}/{id}/{file}").Trim();
            string State()
            {
                var now = engine.Require<CtrTask>($"Get-CtrTask {id}");
                var kept = engine.Require<CtrContainer>($"Get-CtrContainer {id}").Spec!.ToJson(indented: false);
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.Status} {now.Pid} {Cgroup("memory", "memory.limit_in_bytes")} {Cgroup("cpu", "cpu.shares")} {kept}"
                );
            }

            void Refused(string script, string error, string cmdlet, ErrorCategory category)
            {
                var before = State();
                var failed = engine.Invoke(script).Error;
                Assert.Equal($"{error},Containerd.PowerShell.{cmdlet}Command", failed.FullyQualifiedErrorId);
                Assert.Equal(category, failed.CategoryInfo.Category);
                Assert.Equal(before, State());
            }

            Refused($"Send-CtrSignal {id} NOPE", "CannotConvertArgumentNoMessage", "SendCtrSignal", ErrorCategory.InvalidArgument);
            Refused($"Get-CtrTask {id} | Send-CtrSignal NOPE", ErrorIds.InvalidSignal, "SendCtrSignal", ErrorCategory.InvalidArgument);
            Refused($"Resume-CtrTask {id}", ErrorIds.TaskNotPaused, "ResumeCtrTask", ErrorCategory.ResourceBusy);
            Refused($"Update-CtrTask {id} -Memory 4m -CpuShares 300", ErrorIds.LimitInUse, "UpdateCtrTask", ErrorCategory.ResourceBusy);
            Refused(
                $"Register-CtrEvent {id} -Filter 'topic is tasks'",
                ErrorIds.InvalidFilter,
                "RegisterCtrEvent",
                ErrorCategory.InvalidArgument
            );
            Refused($"Watch-CtrEvent {id} -Filter 'topic=='", ErrorIds.InvalidFilter, "WatchCtrEvent", ErrorCategory.InvalidArgument);
            Assert.Empty(engine.Runspace.Events.Subscribers);

            engine.Require($"Suspend-CtrTask {id}");
            Refused($"Suspend-CtrTask {id}", ErrorIds.TaskPaused, "SuspendCtrTask", ErrorCategory.ResourceBusy);
            engine.Require($"Resume-CtrTask {id}");
            Assert.Equal(task.Pid, engine.Require<CtrTask>($"Get-CtrTask {id} -Status Running").Pid);

            engine.Require($"Stop-CtrTask {id} -Force");
            var stopped = engine.Require<CtrTask>($"Get-CtrTask {id}");
            foreach (
                var (script, cmdlet) in new[]
                {
                    ("Get-CtrStats", "GetCtrStats"),
                    ("Get-CtrProcess", "GetCtrProcess"),
                    ("Suspend-CtrTask", "SuspendCtrTask"),
                    ("Update-CtrTask -Memory 64m", "UpdateCtrTask"),
                }
            )
                Assert.Equal(
                    $"TaskNotRunning,Containerd.PowerShell.{cmdlet}Command",
                    engine.Invoke($"{script} {id}").Error.FullyQualifiedErrorId
                );
            var after = engine.Require<CtrTask>($"Get-CtrTask {id}");
            Assert.Equal((stopped.Status, stopped.ExitCode, stopped.Pid), (after.Status, after.ExitCode, after.Pid));
        }
        finally
        {
            engine.Invoke($"Remove-CtrContainer {id} -Force");
        }
    }
}
