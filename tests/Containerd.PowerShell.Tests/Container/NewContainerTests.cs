using System.Management.Automation;
using System.Text.Json.Nodes;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>The creation of containers.</summary>
public sealed class NewContainerTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task The_environments_snapshotter_is_the_default()
    {
        var run = await HostProcess.RunAsync(
            $"Import-Module Containerd; $null = Connect-CtrSession '{DaemonFixture.Daemon.Address}' -Namespace {DaemonFixture.Namespace}; Say Snapshotter (New-CtrContainer {Id} -Image {Busybox} -- true).Snapshotter",
            new Dictionary<string, string?> { ["CONTAINERD_SNAPSHOTTER"] = "native" }
        );
        Assert.Equal("native", run["Snapshotter"]);
    }

    [Fact]
    public async Task An_image_provides_entrypoint_command_environment_folder_user_labels_and_stop_signal()
    {
        var image = $"localhost/{PrivateDaemon.Unique("variant")}:1";
        await ImportAsync(
            image,
            new JsonObject
            {
                ["Entrypoint"] = new JsonArray(
                    "sh",
                    "-c",
                    "echo \"$0 $1 $A $(pwd) $(id -un) $(id -Gn | tr ' ' '\\n' | sort | tr '\\n' ' ')\"; trap 'exit 30' USR1; while :; do sleep 1 & wait $!; done"
                ),
                ["Cmd"] = new JsonArray("one", "two"),
                ["Env"] = new JsonArray("PATH=/bin", "A=image"),
                ["WorkingDir"] = "/var/log",
                ["User"] = "app",
                ["StopSignal"] = "SIGUSR1",
                ["Labels"] = new JsonObject { ["from"] = "image", ["both"] = "image" },
            }
        );
        var container = Engine.Require<CtrContainer>($"New-CtrContainer {Id} -Image {image} -Label @{{ both = 'mine' }}");
        Assert.Equal(
            (image, "io.containerd.runc.v2", "overlayfs", Id),
            (container.Image, container.Runtime, container.Snapshotter, container.SnapshotKey)
        );
        Assert.Equal(("image", "mine"), (container.Labels["from"], container.Labels["both"]));
        Assert.Equal(1000u, container.Spec!.Process!.User!.Uid);
        await RunsAsync(Id, "one two image /var/log app app audio video ", 30);

        Engine.Require($"New-CtrContainer {Id}-b -Image {image} -Env A=mine -WorkingDirectory /etc -User root -- three four");
        await RunsAsync($"{Id}-b", "three four mine /etc root root ", 30);
        Engine.Require($"New-CtrContainer {Id}-c -Image {image} -Entrypoint echo -- three");
        Assert.Equal(["three"], Output($"{Id}-c"));
        Engine.Require($"New-CtrContainer {Id}-d -Image {image} -Entrypoint '' -- echo four");
        Assert.Equal(["four"], Output($"{Id}-d"));
        Engine.Require($"New-CtrContainer {Id}-e -Image {image} -Env A -Entrypoint sh -- -c 'echo ${{A-none}}'");
        Assert.Equal(["none"], Output($"{Id}-e"));
        AssertError(
            Engine.Invoke($"New-CtrContainer {Id}-f -Image {image} -Entrypoint ''").Error,
            ErrorIds.NoCommand,
            "NewCtrContainer",
            ErrorCategory.InvalidArgument,
            $"{Id}-f"
        );
        await AssertGoneAsync($"{Id}-f");
    }

    [Fact]
    public async Task An_image_sets_no_label_that_a_program_acts_on_and_none_that_containerd_rejects()
    {
        var image = $"localhost/{PrivateDaemon.Unique("labels")}:1";
        await ImportAsync(
            image,
            new JsonObject
            {
                ["Cmd"] = new JsonArray("true"),
                ["StopSignal"] = new string('S', 5000),
                ["Labels"] = new JsonObject
                {
                    ["team"] = "shop",
                    ["fits"] = new string('x', 4092),
                    ["too-long"] = new string('x', 4089),
                    ["containerd-powershell/last-exit"] = "7 1 2020-01-01T00:00:00.0000000Z",
                    ["containerd-powershell/restored-from"] = "x",
                    ["containerd.io/restart.status"] = "running",
                    ["containerd.io/gc.root"] = "x",
                    ["io.containerd.image.config.stop-signal"] = "SIGKILL",
                    ["io.cri-containerd.kind"] = "container",
                    ["nerdctl/name"] = "other",
                },
            }
        );
        var made = Engine.Invoke($"New-CtrContainer {Id} -Image {image}");
        var container = Assert.Single(made.Of<CtrContainer>());
        Assert.Empty(made.Errors);
        Assert.Equal(["fits", "team"], container.Labels.Keys.Order(StringComparer.Ordinal));
        Assert.Null(container.LastExit);
        Assert.Contains("'too-long'", Assert.Single(made.Warnings).Message, StringComparison.Ordinal);
        var stored = await DaemonFixture.CtrAsync("containers", "info", Id);
        Assert.DoesNotContain("last-exit", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("restart.status", stored, StringComparison.Ordinal);
        Assert.Equal(0, Engine.Require<CtrExit>($"Start-CtrTask {Id} | Wait-CtrTask").ExitCode);
    }

    [Fact]
    public void A_reserved_label_or_one_that_is_too_long_for_containerd_is_rejected_before_anything_is_created()
    {
        foreach (
            var (label, id) in new[]
            {
                ("@{ 'containerd-powershell/last-exit' = '0 1 x' }", ErrorIds.ReservedLabel),
                ("@{ note = 'x' * 4093 }", ErrorIds.LabelTooLong),
            }
        )
        {
            AssertError(
                Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -Label {label} -- true").Error,
                id,
                "NewCtrContainer",
                ErrorCategory.InvalidArgument
            );
            Assert.Empty(Engine.Require($"Get-CtrContainer '{Id}*'"));
        }

        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        AssertError(
            Engine.Invoke($"Set-CtrContainer {Id} -Label @{{ 'containerd-powershell/last-exit' = '0 1 x' }}").Error,
            ErrorIds.ReservedLabel,
            "SetCtrContainer",
            ErrorCategory.InvalidArgument
        );
    }

    [Fact]
    public async Task An_invalid_stop_signal_of_the_image_does_not_prevent_stopping_a_container()
    {
        var image = $"localhost/{PrivateDaemon.Unique("variant")}:1";
        await ImportAsync(image, new JsonObject { ["Cmd"] = new JsonArray("sleep", "1000"), ["StopSignal"] = "SIGNONE" });
        Engine.Require($"New-CtrContainer {Id} -Image {image} | Start-CtrTask");
        Assert.Equal(137, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Timeout 300ms").ExitCode);
    }

    [Fact]
    public void The_parameters_reach_the_container()
    {
        Engine.Require(
            $"""
            New-CtrContainer {Id} -Image {Busybox} -Hostname named -Env @{"{"} A = 1 {"}"} -User app -WorkingDirectory /tmp -Memory 64m -PidsLimit 50 -ReadOnly `
                -Mount 'type=tmpfs,dst=/scratch' -Label @{"{"} tier = 'web' {"}"} -- sh -c 'hostname; echo $A; id -un; pwd; touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch; grep Seccomp: /proc/self/status | tr -d "\t"; grep NoNewPrivs /proc/self/status | tr -d "\t"'
            """
        );
        Assert.Equal(["named", "1", "app", "/tmp", "read-only", "scratch", "Seccomp:2", "NoNewPrivs:1"], Output(Id));
        var spec = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!;
        Assert.Equal(64L * 1024 * 1024, spec.Linux!.Resources!.Memory!.Limit);
        Assert.Equal(50, spec.Linux.Resources.Pids!.Limit);
    }

    [Fact]
    public void A_full_spec_comes_as_an_object_a_hashtable_JSON_or_a_file()
    {
        var file = Path.GetTempFileName();
        Engine.Require(
            $"$spec = New-CtrSpec {Id} -Image {Busybox} -- echo from spec; $spec.ToJson() | ForEach-Object {{ [IO.File]::WriteAllText('{file}', $_) }}"
        );
        Engine.Require($"New-CtrContainer {Id}-a -Image {Busybox} -Spec $spec");
        Engine.Require($"New-CtrContainer {Id}-b -Image {Busybox} -SpecJson $spec.ToJson()");
        Engine.Require($"New-CtrContainer {Id}-c -Image {Busybox} -SpecPath '{file}'");
        Engine.Require(
            $$"""
            New-CtrContainer {{Id}}-d -Image {{Busybox}} -Spec @{
                ociVersion = '1.0.2'; root = @{ path = 'rootfs' }
                process = @{ args = 'echo', 'from', 'table'; cwd = '/'; user = @{ uid = 0; gid = 0 }; env = @('PATH=/bin') }
                mounts = @(@{ destination = '/proc'; type = 'proc'; source = 'proc' })
                linux = @{ namespaces = @(@{ type = 'pid' }, @{ type = 'mount' }) }
            }
            """
        );
        foreach (var id in new[] { "a", "b", "c" })
        {
            // One cgroup for all three: the spec is taken as it is.
            Assert.Equal(["from spec"], Output($"{Id}-{id}"));
            Engine.Require($"Remove-CtrContainer {Id}-{id}");
        }

        Assert.Equal(["from table"], Output($"{Id}-d"));
        File.Delete(file);
    }

    [Fact]
    public async Task A_directory_is_the_root_file_system_and_is_kept()
    {
        var root = Directory.CreateTempSubdirectory("containerd-rootfs-").FullName;
        await Shell.RunAsync(
            "sh",
            "-c",
            $"cd {root} && chmod 755 . && mkdir bin proc dev sys tmp etc && cp /bin/busybox bin/ && ln -s busybox bin/sh && echo app:x:4242:4243::/:/bin/sh > etc/passwd"
        );
        Engine.Require($"New-CtrContainer {Id} -Rootfs {root} -User app -- /bin/sh -c 'echo $(busybox id -u) $(busybox pwd)'");
        Assert.Equal(["4242 /"], Output(Id));
        Engine.Require($"Remove-CtrContainer {Id}");
        Assert.True(File.Exists(Path.Combine(root, "bin", "busybox")));
        await AssertGoneAsync(Id);
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void The_first_argument_of_the_command_is_not_used_as_the_id()
    {
        foreach (var cmdlet in new[] { "New-CtrContainer", "New-CtrSpec" })
        {
            var error = Engine.Invoke($"$null = 1; $x = {cmdlet} -Image {Busybox} -- sleep 60").Error;
            AssertError(
                error,
                ErrorIds.InvalidId,
                cmdlet.Replace("-", "", StringComparison.Ordinal),
                ErrorCategory.InvalidArgument,
                "sleep"
            );
            Assert.Contains("is after --", error.Exception.Message, StringComparison.Ordinal);
            Assert.Contains($"{cmdlet} web-1 … -- sleep", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }

        Assert.Empty(Engine.Require("Get-CtrContainer sleep*"));
        // An id may look like its command, wherever it stands, and come with the rest of the arguments.
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- {Id}; New-CtrContainer -Image {Busybox} -Id {Id}-b -- {Id}-b; '{Id}-c' | New-CtrContainer -Image {Busybox} -- {Id}-c"
        );
        Engine.Require($"$all = @{{ Image = '{Busybox}'; Id = '{Id}-d' }}; New-CtrContainer @all -- {Id}-d");
        Assert.Equal(4, Engine.Require($"Get-CtrContainer {Id}*").Count);
    }

    [Theory]
    [InlineData("-Image IMAGE -Rootfs /tmp -- true", ErrorIds.ConflictingParameters, ErrorCategory.InvalidArgument)]
    [InlineData("-Spec @{} -SpecJson '{}'", ErrorIds.ConflictingParameters, ErrorCategory.InvalidArgument)]
    [InlineData("-SpecJson '{}' -Memory 1g", ErrorIds.ConflictingParameters, ErrorCategory.InvalidArgument)]
    [InlineData("-SpecJson '{}' -- true", ErrorIds.ConflictingParameters, ErrorCategory.InvalidArgument)]
    [InlineData("-- true", ErrorIds.NoRootfs, ErrorCategory.InvalidArgument)]
    [InlineData("-SpecJson 'not json'", ErrorIds.InvalidSpec, ErrorCategory.InvalidArgument)]
    [InlineData("-SpecJson '[1]'", ErrorIds.InvalidSpec, ErrorCategory.InvalidArgument)]
    [InlineData("-Image IMAGE -SpecJson '{\"process\": 7}'", ErrorIds.InvalidSpec, ErrorCategory.InvalidArgument)]
    [InlineData("-Spec 12", ErrorIds.InvalidSpec, ErrorCategory.InvalidArgument)]
    [InlineData("-Image IMAGE -Spec @{}", ErrorIds.InvalidSpec, ErrorCategory.InvalidArgument)]
    [InlineData("-Image IMAGE -SpecJson '{}'", ErrorIds.InvalidSpec, ErrorCategory.InvalidArgument)]
    [InlineData("-SpecPath /proc", ErrorIds.FileNotReadable, ErrorCategory.ObjectNotFound)]
    [InlineData("-SpecPath /no/such/file", ErrorIds.FileNotReadable, ErrorCategory.ObjectNotFound)]
    [InlineData("-SpecPath Env:PATH", ErrorIds.NotAFilePath, ErrorCategory.InvalidArgument)]
    [InlineData("-Image no/such/image:1 -Pull Never -- true", ErrorIds.ImageNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("-Image IMAGE -User nobody-here -- true", ErrorIds.UserNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("-Image IMAGE -Group nogroup-here -- true", ErrorIds.GroupNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("-Image IMAGE -Snapshotter nope -- true", ErrorIds.SnapshotterNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("-Image IMAGE -MemorySwap 1m -Memory 2m -- true", ErrorIds.InvalidLimit, ErrorCategory.InvalidArgument)]
    [InlineData("-Image IMAGE -RuntimeOption @{ Nope = 1 } -- true", ErrorIds.InvalidRuntimeOption, ErrorCategory.InvalidArgument)]
    [InlineData("-Image IMAGE -Platform linux/s390x -- true", ErrorIds.PlatformNotAvailable, ErrorCategory.ObjectNotFound)]
    public async Task A_container_that_cannot_be_created_is_one_clear_error_and_leaves_nothing(
        string options,
        string error,
        ErrorCategory category
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var done = Engine.Invoke($"New-CtrContainer {Id} {options.Replace("IMAGE", Busybox, StringComparison.Ordinal)}");
        Assert.Null(done.Exception);
        Assert.Empty(done.Output);
        AssertError(done.Error, error, "NewCtrContainer", category, Id);
        if (
            category == ErrorCategory.ObjectNotFound
            && !error.StartsWith("User", StringComparison.Ordinal)
            && !error.StartsWith("Group", StringComparison.Ordinal)
        )
            Assert.False(string.IsNullOrEmpty(done.Error.ErrorDetails?.RecommendedAction), done.Error.ToString());
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task Invalid_ids_are_rejected_before_anything_is_created()
    {
        foreach (var id in new[] { "", "a/b", new string('a', 77), "a b", "-a", "a-", "a..b", "ä", "../x" })
        {
            var done = Engine.Invoke(
                $"New-CtrContainer '{id}' -Image {Busybox} -- true; '{id}' | New-CtrContainer -Image {Busybox} -- true"
            );
            Assert.Equal(2, done.Errors.Count);
            Assert.All(done.Errors, e => AssertError(e, ErrorIds.InvalidId, "NewCtrContainer", ErrorCategory.InvalidArgument, id));
        }

        AssertError(
            Engine.Invoke($"New-CtrContainer -Image {Busybox}").Error,
            ErrorIds.InvalidId,
            "NewCtrContainer",
            ErrorCategory.InvalidArgument
        );
        var longest = Id + new string('a', 76 - Id.Length);
        Engine.Require($"New-CtrContainer {longest} -Image {Busybox} -- true | Start-CtrTask | Wait-CtrTask | Remove-CtrContainer");
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task An_id_in_use_is_a_conflict_and_its_owner_is_not_changed()
    {
        await StartAsync();
        var before = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}");
        var done = Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -- true");
        AssertError(done.Error, ErrorIds.ContainerExists, "NewCtrContainer", ErrorCategory.ResourceExists, Id);
        var after = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}");
        Assert.Equal((before.CreatedAt, before.SnapshotKey), (after.CreatedAt, after.SnapshotKey));
        Assert.Equal(CtrStatus.Running, Status());
        Assert.DoesNotContain(await DaemonFixture.LeftAsync(), left => left.StartsWith($"snapshot {Id}-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failed_creations_do_not_change_a_namespace()
    {
        var ns = PrivateDaemon.Unique("failures");
        await DaemonFixture.ImportAsync(ns, await TestImages.BusyboxTarAsync());
        using var engine = DaemonFixture.Open(ns);
        Assert.Empty(await DaemonFixture.LeftAsync(ns));
        var done = engine.Invoke(
            $$"""
            New-CtrContainer {{Id}} -Image {{Busybox}} -User nobody-here -- true
            New-CtrContainer {{Id}} -Image {{Busybox}} -SpecJson '{"process": 7}'
            New-CtrContainer {{Id}} -Image {{Busybox}} -Memory 0 -- true
            New-CtrContainer {{Id}} -Image {{Busybox}} -Label @{ a = 'x' * 5000 } -- true
            New-CtrSpec {{Id}} -Image {{Busybox}} -User nobody-here -- true
            Invoke-CtrContainer {{Busybox}} -Id {{Id}} -- no-such-program
            Invoke-CtrContainer {{Busybox}} -Id {{Id}} -User nobody-here -- true
            """
        );
        Assert.Equal(7, done.Errors.Count);
        Assert.Empty(done.Output);
        Assert.Empty(await DaemonFixture.LeftAsync(ns));
        Assert.Empty(LogFolders(Id));
        await DaemonFixture.AssertPipesGoAsync();
    }

    private string[] Output(string id) =>
        [.. Engine.Require($"Start-CtrTask {id} | Wait-CtrTask -Timeout 20 | Get-CtrLog").Select(l => l.ToString())];

    private async Task ImportAsync(string name, JsonObject config)
    {
        var tar = await ImageVariant.MakeAsync(name, config);
        Engine.Require($"Import-CtrImage '{tar}'");
        File.Delete(tar);
    }

    private async Task RunsAsync(string id, string says, int stops)
    {
        Engine.Require($"Start-CtrTask {id}");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {id}").Count == 1);
        Assert.Equal(says, Engine.Require($"Get-CtrLog {id}")[0].ToString());
        Assert.Equal(stops, Engine.Require<CtrExit>($"Stop-CtrTask {id}").ExitCode);
    }
}
