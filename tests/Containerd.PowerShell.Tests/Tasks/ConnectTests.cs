using System.Globalization;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Finding tasks that an earlier PowerShell or another client started.</summary>
public sealed class ConnectTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const string Kill = "[System.Diagnostics.Process]::GetCurrentProcess().Kill()";

    [Fact]
    public async Task Killing_the_PowerShell_that_started_a_container_loses_neither_the_container_nor_output()
    {
        // It kills itself (SIGKILL) while the container writes.
        var first = await HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            $null = Connect-CtrSession '{{DaemonFixture.Daemon.Address}}' -Namespace {{DaemonFixture.Namespace}}
            $task = New-CtrContainer {{Id}} -Image {{Busybox}} -- sh -c 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo "line $i"; [ $((i % 500)) = 0 ] && sleep 0.1; done; echo done >&2; cat' | Start-CtrTask -WithStdin
            Say Pid $task.Pid
            Say Lines (@(Get-CtrLog {{Id}}).Count)
            {{Kill}}
            """
        );
        Assert.Equal(137, first.Code);
        Assert.InRange(int.Parse(first["Lines"], CultureInfo.InvariantCulture), 0, 29999);

        var found = Engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}");
        Assert.Equal(
            (true, first["Pid"], CtrStatus.Running, true, true),
            (found.Alive, $"{found.Pid}", found.Status, found.HasInput, found.HasOutput)
        );
        Assert.Empty(found.Execs);
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id} -Stream Stderr").Count == 1);
        Assert.Equal(
            Enumerable.Range(1, 30000).Select(i => $"line {i}"),
            Engine.Require($"Get-CtrLog {Id} -Stream Stdout").Select(l => l.ToString())
        );
        Engine.Require($"'again' | Send-CtrInput {Id} -Close");
        Assert.Equal(0, Engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout 20").ExitCode);
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id} -Stream Stdout -Tail 1").Single().ToString() == "again");

        found = Engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}");
        Assert.Equal((false, 0, CtrStatus.Stopped, false, true), (found.Alive, found.Pid, found.Status, found.HasInput, found.HasOutput));
        Assert.Equal(0, found.Task!.ExitCode);
    }

    [Fact]
    public async Task The_pipes_of_a_killed_PowerShells_exec_are_swept_and_its_exec_is_found()
    {
        await StartAsync();
        var connect =
            $"Import-Module Containerd; $null = Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace};";
        var first = await HostProcess.RunAsync(
            $$"""
            {{connect}}
            Say Process $PID
            Invoke-CtrExec {{Id}} -ExecId orphan -- sh -c 'echo go; exec sleep 1000' | ForEach-Object { {{Kill}} }
            """
        );
        Assert.Equal(137, first.Code);
        Assert.NotEmpty(Pipes(first["Process"]));
        var exec = Assert.Single(Engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}").Execs);
        Assert.Equal((Id, "orphan", CtrStatus.Running), (exec.ContainerId, exec.ExecId, exec.Status));
        Assert.Equal(["sleep", "1000"], exec.Command);
        Assert.True(exec.Pid > 0);

        var next = await HostProcess.RunAsync($"{connect} Say Out (Invoke-CtrExec {Id} -- echo swept)");
        Assert.Equal("swept", next["Out"]);
        Assert.Empty(Pipes(first["Process"]));
        // The found task is used.
        Engine.Require(
            $"(Connect-CtrTask {Id}).Execs | Send-CtrSignal -Signal KILL; Wait-CtrTask {Id} -ExecId orphan; Remove-CtrTask {Id} -ExecId orphan"
        );
        Assert.Empty(Engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}").Execs);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_that_another_client_started_is_found(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        var log = Path.Combine(Path.GetTempPath(), Id + ".log");
        try
        {
            await fixture.CtrAsync("run", "--detach", "--log-uri", $"file://{log}", Busybox, Id, "sh", "-c", "echo ready; sleep 1000");
            await fixture.CtrAsync("tasks", "exec", "--detach", "--exec-id", "theirs", Id, "sleep", "1000");
            var found = engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}");
            Assert.Equal((true, CtrStatus.Running, false, true), (found.Alive, found.Status, found.HasInput, found.HasOutput));
            Assert.True(Directory.Exists($"/proc/{found.Pid}"));
            // Until it becomes the program, the process is the runtime.
            await Eventually.TrueAsync(() =>
                (found = engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}")).Execs is [{ Command: ["sleep", "1000"] }]
            );
            Assert.Equal("theirs", found.Execs[0].ExecId);
            Assert.Equal("ready", Assert.Single(engine.Require($"Get-CtrLog {Id}")).ToString());
            engine.Require($"Connect-CtrTask {Id} | Remove-CtrContainer -Force");
        }
        finally
        {
            File.Delete(log);
        }
    }

    [Fact]
    public void Without_a_task_nothing_is_alive_and_without_a_container_it_is_an_error()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle}");
        var found = Engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}");
        Assert.Equal((false, 0, CtrStatus.Unknown, null), (found.Alive, found.Pid, found.Status, found.Task));
        AssertError(
            Engine.Invoke($"Connect-CtrTask {Id}-none").Error,
            ErrorIds.ContainerNotFound,
            "ConnectCtrTask",
            ErrorCategory.ObjectNotFound,
            $"{Id}-none"
        );
        Engine.Require($"New-CtrTask {Id}");
        found = Engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}");
        Assert.Equal((true, CtrStatus.Created), (found.Alive, found.Status));
        var shown = Engine.Display($"Connect-CtrTask {Id}");
        Assert.Contains("Alive", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(shown.Split('\n'), line => line.Length > Engine.Width);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_whose_shim_no_longer_exists_is_not_alive(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        var task = engine.Require<CtrTask>($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask");
        var stat = await File.ReadAllTextAsync($"/proc/{task.Pid}/stat");
        await Shell.RunAsync("kill", "-KILL", stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        await Eventually.TrueAsync(() => !engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}").Alive);
        Assert.Equal(0, engine.Require<CtrTaskConnection>($"Connect-CtrTask {Id}").Pid);
        await Eventually.TrueAsync(() => engine.Invoke($"Get-CtrContainer {Id} | Remove-CtrContainer -Force").Errors.Count == 0);
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{task.Pid}"));
    }

    private static string[] Pipes(string process) =>
        Directory.Exists("/run/containerd-powershell/stdio")
            ? Directory.GetDirectories("/run/containerd-powershell/stdio", $"{process}-*")
            : [];
}
