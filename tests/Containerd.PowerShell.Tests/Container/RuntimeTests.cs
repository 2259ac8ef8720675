using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Which runtime and snapshotter a container has.</summary>
public sealed class RuntimeTests(DaemonFixtures fixtures) : SpecEffectTest(fixtures)
{
    [Theory]
    [InlineData("-RuntimeOption @{{ BinaryName = '{0}' }}")]
    [InlineData("-RuntimeOption @{{ binary_name = '{0}' }}")]
    [InlineData("-Runtime io.containerd.runc.v2 -RuntimeOption @{{ binaryName = '{0}'; NoPivotRoot = $false }}")]
    public async Task The_runtimes_program_is_the_one_in_the_option(string options)
    {
        var program = Path.Combine(Folder, "my-runc");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\necho \"$@\" >> {Folder}/calls\nexec runc \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal("hello", Run(string.Format(System.Globalization.CultureInfo.InvariantCulture, options, program), "echo hello"));
        Assert.Contains(
            "create",
            await File.ReadAllTextAsync(Path.Combine(Folder, "calls"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("-Runtime runc")]
    [InlineData("-Runtime io.containerd.runc.v2")]
    public void The_default_runtime_has_a_short_and_a_long_name(string option)
    {
        Assert.Equal("hello", Run(option, "echo hello"));
        Assert.Equal("io.containerd.runc.v2", Engine.Require<CtrContainer>($"New-CtrContainer {Id} -Image {Busybox} {option}").Runtime);
    }

    [Fact]
    public async Task A_runtime_is_a_shims_path()
    {
        var shim = (await Shell.RunAsync("sh", "-c", "command -v containerd-shim-runc-v2")).Trim();
        Assert.Equal("hello", Run($"-Runtime {shim}", "echo hello"));
        Assert.Equal(shim, Engine.Require<CtrContainer>($"New-CtrContainer {Id} -Image {Busybox} -Runtime {shim}").Runtime);
    }

    [Theory]
    [InlineData("-Runtime crun")]
    [InlineData("-RuntimeOption @{ BinaryName = 'crun' }")]
    public async Task Crun_runs_containers_too(string option)
    {
        var fixture = await DaemonFixtures.GetAsync("bookworm", "crun");
        using var engine = fixture.Open();
        Assert.Equal("hello", RunIn(engine, option, "echo hello"));
        Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains("run-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-Runtime no-such-runtime", "no-such-runtime")]
    [InlineData("-Runtime io.containerd.nosuch.v1", "containerd-shim-nosuch-v1")]
    [InlineData("-Runtime /no/such/shim", "/no/such/shim")]
    public async Task A_missing_runtime_is_one_error_that_names_it_and_leaves_nothing(string option, string named)
    {
        var done = Engine.Invoke($"Invoke-CtrContainer {Busybox} -Id {Id} {option} -- true");
        Assert.Equal(ErrorCategory.ObjectNotFound, done.Error.CategoryInfo.Category);
        Assert.Equal("RuntimeNotFound,Containerd.PowerShell.InvokeCtrContainerCommand", done.Error.FullyQualifiedErrorId);
        Assert.Contains(named, done.Error.Exception.Message, StringComparison.Ordinal);
        await AssertGoneAsync(Id);
    }

    [Theory]
    [InlineData("@{ NoSuch = 1 }", "has no option 'NoSuch'; it has noPivotRoot, noNewKeyring, shimCgroup, ioUid, ioGid, binaryName")]
    [InlineData("@{ BinaryName = @(1) }", "wrong type")]
    [InlineData("@{ IoUid = -5 }", "wrong type")]
    [InlineData("@{ SystemdCgroup = 'perhaps' }", "wrong type")]
    public async Task An_option_that_the_runtime_does_not_have_is_rejected(string options, string why)
    {
        var done = Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -RuntimeOption {options}");
        AssertError(done.Error, ErrorIds.InvalidRuntimeOption, "NewCtrContainer", ErrorCategory.InvalidArgument);
        Assert.Contains(why, done.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(done.Output);
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task A_specified_snapshotter_holds_the_read_write_layer()
    {
        var made = Engine.Require<CtrContainer>(
            $"New-CtrContainer {Id} -Image {Busybox} -Snapshotter native -User app -- sh -c 'id -un; grep \" / \" /proc/mounts | cut -d \" \" -f 3'"
        );
        Assert.Equal("native", made.Snapshotter);
        Engine.Require($"Start-CtrTask {Id} | Wait-CtrTask");
        var log = Engine.Require($"Get-CtrLog {Id}").Select(line => line.ToString()).ToList();
        Assert.Equal("app", log[0]);
        Assert.NotEqual("overlay", log[1]);
        Assert.Contains(Id, await DaemonFixture.CtrAsync("snapshots", "--snapshotter", "native", "list"), StringComparison.Ordinal);
        Engine.Require($"Remove-CtrContainer {Id}");
        Assert.DoesNotContain(Id, await DaemonFixture.CtrAsync("snapshots", "--snapshotter", "native", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_snapshotter_is_one_clear_error_and_leaves_nothing()
    {
        var done = Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} -Snapshotter no-such");
        AssertError(done.Error, ErrorIds.SnapshotterNotFound, "NewCtrContainer", ErrorCategory.ObjectNotFound);
        Assert.Contains("'no-such'", done.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Get-CtrInfo", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task The_newest_containerd_does_the_same()
    {
        var fixture = await DaemonFixtures.GetAsync("sid", "runc");
        using var engine = fixture.Open();
        Assert.Equal(
            "app|64|2|1|hello",
            RunIn(
                engine,
                "-User app -Memory 64m -PidsLimit 64 -Cpu 0.5 -Env @{ A = 'hello' } -ReadOnly -CapDrop ALL -Ulimit nofile=64 -Hostname h -Sysctl @{ 'net.ipv4.ip_forward' = 1 } -Mount 'type=tmpfs,target=/tmp' -RuntimeOption @{ BinaryName = 'runc' }",
                "echo \"$(id -un)|$(ulimit -n)|$(sed -n 's/^Seccomp:\t//p' /proc/self/status)|$(sed -n 's/^NoNewPrivs:\t//p' /proc/self/status)|$A\""
            )
        );
        Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains("run-", StringComparison.Ordinal));
    }

    [Fact]
    public void Extensions_can_be_stored_and_read()
    {
        var container = Engine.Require<CtrContainer>(
            $"New-CtrContainer {Id} -Image {Busybox} -Extension @{{ 'example.com/owner' = @{{ name = 'me' }}; note = 'it''s text' }} -- true"
        );
        Assert.Equal(
            ("{\"name\":\"me\"}", "\"it\\u0027s text\""),
            (container.Extensions["example.com/owner"], container.Extensions["note"])
        );
        Assert.Empty(Engine.Require<CtrContainer>($"New-CtrContainer {Id}-b -Image {Busybox} -- true").Extensions);
    }

    [Fact]
    public void Runtime_options_can_be_read_and_given_to_another_container()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -RuntimeOption @{{ BinaryName = 'runc'; NoPivotRoot = $true }} -- true");
        var options = Engine
            .Require<CtrContainer>(
                $"New-CtrContainer {Id}-b -Image {Busybox} -RuntimeOption (Get-CtrContainer {Id}).RuntimeOptions -- true"
            )
            .RuntimeOptions;
        Assert.Equal(["binaryName=runc", "noPivotRoot=true"], options.Select(o => $"{o.Key}={o.Value}").Order(StringComparer.Ordinal));
        Assert.Empty(Engine.Require<CtrContainer>($"New-CtrContainer {Id}-c -Image {Busybox} -- true").RuntimeOptions);
    }
}
