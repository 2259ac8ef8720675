using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>The environment of a process: files, variables, names, namespaces, user.</summary>
public sealed class SurroundingsTests(DaemonFixtures fixtures) : SpecEffectTest(fixtures)
{
    [Theory]
    [InlineData("'{0}:/data'", "ok")]
    [InlineData("'type=bind,source={0},target=/data'", "ok")]
    [InlineData("@{{ Source = '{0}'; Target = '/data' }}", "ok")]
    [InlineData("([Containerd.CtrMount]@{{ Source = '{0}'; Target = '/data' }})", "ok")]
    [InlineData("'{0}:/data:ro'", "Read-only file system")]
    [InlineData("'src={0},dst=/data,readonly'", "Read-only file system")]
    [InlineData("@{{ Source = '{0}'; Target = '/data'; ReadOnly = $true }}", "Read-only file system")]
    public void A_directory_of_the_host_is_mounted_read_write_or_read_only(string mount, string expected)
    {
        File.WriteAllText(Path.Combine(Folder, "there"), "from the host");
        var said = Run(
            "-Mount " + string.Format(System.Globalization.CultureInfo.InvariantCulture, mount, Folder),
            "cat /data/there; echo; (echo x > /data/made) 2>&1 && echo ok"
        );
        Assert.StartsWith("from the host\n", said, StringComparison.Ordinal);
        Assert.EndsWith(expected, said, StringComparison.Ordinal);
        Assert.Equal(expected == "ok", File.Exists(Path.Combine(Folder, "made")));
    }

    [Fact]
    public void A_relative_source_is_below_the_current_location()
    {
        File.WriteAllText(Path.Combine(Folder, "there"), "here");
        Engine.Require($"$null = $ExecutionContext.SessionState.Path.SetLocation('{Folder}')");
        Assert.Equal("here", Run("-Mount ./:/data", "cat /data/there"));
        Assert.Equal("here", Run("-Mount @{ Source = '.'; Target = '/data' }", "cat /data/there"));
    }

    [Fact]
    public void Several_mounts_and_a_tmpfs_with_its_size_exist()
    {
        var said = Run(
            $"-Mount '{Folder}:/a/b', 'type=tmpfs,target=/a,tmpfs-size=1m', 'type=tmpfs,dst=/tmp,tmpfs-size=2m,tmpfs-mode=1777'",
            "df -k /a /tmp | awk 'NR > 1 { print $2 }'; ls -d /a/b"
        );
        Assert.Equal("1024\n2048\n/a/b", said);
    }

    [Theory]
    [InlineData("-Env @{ A = '1'; B = 'x y' }", "1|x y|unset")]
    [InlineData("-Env 'A=1', 'B=x y', 'C='", "1|x y|")]
    [InlineData("-Env 'A=0', @{ A = 1 }, 'B=x=y'", "1|x=y|unset")]
    [InlineData("-Env @{ A = $null }, 'C=c'", "unset|unset|c")]
    public void The_environment_is_that_of_the_caller(string options, string expected) =>
        Assert.Equal(expected, Run(options, "echo \"${A-unset}|${B-unset}|${C-unset}\""));

    [Theory]
    [InlineData("", "hostname; pwd", "{0}\n/")]
    [InlineData("-Hostname other", "hostname; echo $HOSTNAME", "other\nother")]
    [InlineData("-WorkingDirectory /var/log", "pwd", "/var/log")]
    [InlineData("-WorkingDirectory /made/here", "pwd", "/made/here")]
    [InlineData("-Tty", "tty; echo $TERM", "/dev/pts/0\r\nxterm")]
    [InlineData("", "tty", "not a tty")]
    [InlineData("-ReadOnly", "touch /x 2>&1", "touch: /x: Read-only file system")]
    [InlineData("-ReadOnly -Mount 'type=tmpfs,target=/tmp'", "touch /tmp/x && echo ok", "ok")]
    public void Names_paths_and_terminal_are_as_requested(string options, string script, string expected)
    {
        var id = NewId("named");
        var said = Engine
            .Require<string>(
                $"Invoke-CtrContainer {Busybox} -Id {id} {options} -Raw -StandardError Output -AllowExitCode 0, 1 -- sh -c '{script}'"
            )
            .TrimEnd('\r', '\n');
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, id), said);
    }

    [Theory]
    [InlineData("-HostNetwork", "net")]
    [InlineData("-HostPid", "pid")]
    [InlineData("-HostIpc", "ipc")]
    public void A_namespace_is_the_containers_own_or_that_of_the_host(string option, string kind)
    {
        var host = new FileInfo($"/proc/self/ns/{kind}").LinkTarget;
        Assert.Equal(host, Run(option, $"readlink /proc/self/ns/{kind}"));
        Assert.NotEqual(host, Run("", $"readlink /proc/self/ns/{kind}"));
    }

    [Theory]
    [InlineData("", "0 0 0")]
    [InlineData("-User app", "1000 1000 1000 29 44")]
    [InlineData("-User 1000", "1000 1000 1000 29 44")]
    [InlineData("-User app:video", "1000 44 44")]
    [InlineData("-User 1000:29", "1000 29 29")]
    [InlineData("-User 4321", "4321 0 0")]
    [InlineData("-User 4321:4322", "4321 4322 4322")]
    [InlineData("-User daemon -Group audio, 77", "1 1 1 29 77")]
    public void The_user_is_looked_up_in_the_container_with_its_groups(string options, string expected) =>
        Assert.Equal(expected, string.Join(' ', Ids(Run(options, "id -u; id -g; id -G"))));

    [Fact]
    public async Task The_images_user_is_looked_up_by_name_and_its_home_environment_and_entrypoint_are_used()
    {
        var name = $"docker.io/library/{NewId("image")}:1";
        var tar = await ChangedImage.MakeAsync(Folder, name, config =>
        {
            config["User"] = "app:audio";
            config["Env"] = new System.Text.Json.Nodes.JsonArray("PATH=/bin", "FROM_IMAGE=yes");
            config["Entrypoint"] = new System.Text.Json.Nodes.JsonArray("sh", "-c");
            config["Cmd"] = new System.Text.Json.Nodes.JsonArray("id -u; id -g; pwd; echo $FROM_IMAGE");
            config["WorkingDir"] = "/home/app";
            config["StopSignal"] = "SIGINT";
            config["Labels"] = new System.Text.Json.Nodes.JsonObject { ["of"] = "image", ["both"] = "image" };
        });
        Engine.Require($"Import-CtrImage '{tar}'");
        Assert.Equal("1000\n29\n/home/app\nyes\n", Engine.Require<string>($"Invoke-CtrContainer {name} -Raw"));
        // The command replaces the image's, not its entrypoint.
        Assert.Equal("1000-29\n", Engine.Require<string>($"Invoke-CtrContainer {name} -Raw -- 'echo $(id -u)-$(id -g)'"));
        Assert.Equal("0\n", Engine.Require<string>($"Invoke-CtrContainer {name} -User root -Raw -Entrypoint id -- -u"));
        var made = Engine.Require<CtrContainer>($"New-CtrContainer {Id} -Image {name} -Label @{{ both = 'mine'; own = 1 }}");
        Assert.Equal(
            ("image", "mine", "1", "SIGINT"),
            (made.Labels["of"], made.Labels["both"], made.Labels["own"], made.Labels["io.containerd.image.config.stop-signal"])
        );
        Engine.Require($"Remove-CtrContainer {Id}; Remove-CtrImage {name}");
    }

    [Fact]
    public async Task Labels_and_annotations_are_stored_where_other_tools_find_them()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Label @{{ team = 'web' }} -Annotation @{{ 'com.example/note' = 5 }}");
        using var info = System.Text.Json.JsonDocument.Parse(await DaemonFixture.CtrAsync("containers", "info", Id));
        Assert.Equal("web", info.RootElement.GetProperty("Labels").GetProperty("team").GetString());
        Assert.Equal("5", info.RootElement.GetProperty("Spec").GetProperty("annotations").GetProperty("com.example/note").GetString());
    }

    [Fact]
    public void A_spec_is_created_examined_changed_and_used()
    {
        Engine.Require(
            $$"""
            $spec = New-CtrSpec {{Id}} -Image {{Busybox}} -Memory 64m -- sh -c 'echo $A; hostname; pwd'
            $spec.Process.Env += 'A=changed'
            $spec.Process.Cwd = '/tmp'
            $spec.Hostname = 'by-hand'
            $spec.Linux.Resources.Memory.Limit = 32mb
            """
        );
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Spec $spec | Start-CtrTask | Wait-CtrTask");
        Assert.Equal(["changed", "by-hand", "/tmp"], Engine.Require($"Get-CtrLog {Id}").Select(line => line.ToString()));
        Assert.Equal(33554432, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Linux!.Resources!.Memory!.Limit);
        // The object is still the caller's: nothing was changed in it.
        Assert.Equal("rootfs", Engine.Require<string>("$spec.Root.Path"));
    }

    private static IEnumerable<string> Ids(string said)
    {
        var lines = said.Split('\n');
        return [lines[0], lines[1], .. lines[2].Split(' ')];
    }
}
