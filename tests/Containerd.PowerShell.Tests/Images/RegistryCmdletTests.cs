using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Images;

/// <summary>A daemon and a registry for all; each test has a namespace and repositories of its own.</summary>
public class RegistryDaemon : IAsyncLifetime
{
    public PrivateDaemon Daemon { get; private set; } = null!;

    public TestRegistry Registry { get; private set; } = null!;

    protected virtual string Suite => "bookworm";

    public async ValueTask InitializeAsync()
    {
        Daemon = await PrivateDaemon.StartAsync(Suite);
        Registry = await TestRegistry.StartAsync();
        await Registry.CopyInAsync("oci-archive:" + await TestImages.BusyboxTarAsync(), "team/busybox:1");
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        await Daemon.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class SidRegistryDaemon : RegistryDaemon
{
    protected override string Suite => "sid";
}

/// <summary>Receive-CtrImage, Send-CtrImage, and what pulls by itself.</summary>
public abstract class RegistryCmdletTests : IDisposable
{
    private readonly Engine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-registry-").FullName;
    private readonly string _namespace = PrivateDaemon.Unique("registry");
    private readonly RegistryDaemon _fixture;

    protected RegistryCmdletTests(RegistryDaemon fixture)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        _fixture = fixture;
        _engine.Require($"$session = Connect-CtrSession '{fixture.Daemon.Address}' -Namespace {_namespace}");
    }

    private string Busybox => $"{_fixture.Registry.Host}/team/busybox:1";

    public void Dispose()
    {
        _engine.Require("Disconnect-CtrSession $session");
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_image_is_pulled_used_and_pushed_elsewhere()
    {
        var image = Assert.Single(_engine.Require($"Receive-CtrImage {Busybox}"));
        Assert.Equal(Busybox, image.ToString());
        Assert.Equal(_namespace, image.Properties["Namespace"].Value);
        Assert.Equal("hello", Assert.Single(_engine.Require($"Invoke-CtrContainer {Busybox} -Pull Never -- echo hello")).ToString());
        Assert.Equal(2, _engine.Require($"'{Busybox}', '{Busybox}' | Pull-CtrImage").Count);
        Assert.Single(_engine.Require("Get-CtrImage | Receive-CtrImage"));

        var to = $"{_fixture.Registry.Host}/{PrivateDaemon.Unique("copy")}";
        var pushed = Assert.Single(
            _engine.Require($"Send-CtrImage {Busybox} {to}:2 -WhatIf; Get-CtrImage | Push-CtrImage -Destination {to}:2")
        );
        Assert.Equal(image.Properties["Digest"].Value, pushed.Properties["Digest"].Value);
        Assert.Equal($"{to}@{pushed.Properties["Digest"].Value}", pushed.ToString());
        Assert.Contains(
            "schemaVersion",
            await _fixture.Registry.InspectAsync(to[(_fixture.Registry.Host.Length + 1)..] + ":2"),
            StringComparison.Ordinal
        );
        // Several to one name would each go over the one before.
        _engine.Require($"Set-CtrImage {Busybox} -Tag {to}:other");
        var several = _engine.Invoke($"Get-CtrImage | Send-CtrImage -Destination {to}:4");
        Assert.Equal("SeveralImages,Containerd.PowerShell.SendCtrImageCommand", several.Error.FullyQualifiedErrorId);
        Assert.Empty(several.Output);
        _engine.Require($"Remove-CtrImage {to}:other");
        var shown = _engine.Display($"Send-CtrImage *busybox* {to}:3");
        Assert.Contains("Destination", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= Engine.Width, line));
        await AssertFinishedAsync();
    }

    [Fact]
    public async Task Artifacts_are_shown_as_such_and_pass_through_pipelines_unchanged()
    {
        var layout = Path.Combine(_folder, "artifact");
        Directory.CreateDirectory(Path.Combine(layout, "blobs", "sha256"));
        string Blob(string text)
        {
            var digest = Convert
                .ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))
                .ToLowerInvariant();
            File.WriteAllText(Path.Combine(layout, "blobs", "sha256", digest), text);
            return $"\"digest\":\"sha256:{digest}\",\"size\":{text.Length}";
        }

        const string Manifest = "application/vnd.oci.image.manifest.v1+json";
        var manifest = Blob(
            $"{{\"schemaVersion\":2,\"mediaType\":\"{Manifest}\",\"artifactType\":\"application/vnd.example.model\",\"config\":{{\"mediaType\":\"application/vnd.oci.empty.v1+json\",{Blob("{}")}}},\"layers\":[{{\"mediaType\":\"text/plain\",{Blob("weights")}}}]}}"
        );
        File.WriteAllText(Path.Combine(layout, "oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        File.WriteAllText(
            Path.Combine(layout, "index.json"),
            $"{{\"schemaVersion\":2,\"manifests\":[{{\"mediaType\":\"{Manifest}\",{manifest},\"annotations\":{{\"io.containerd.image.name\":\"example.com/team/model:1\"}}}}]}}"
        );
        await Shell.RunAsync("tar", "-C", layout, "-cf", layout + ".tar", "oci-layout", "index.json", "blobs");

        var image = Assert.Single(_engine.Require($"Import-CtrImage '{layout}.tar'"));
        Assert.Equal("application/vnd.example.model", image.Properties["ArtifactType"].Value);
        var table = _engine.Display("Get-CtrImage *model*");
        Assert.Contains("artifact", table, StringComparison.Ordinal);
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= Engine.Width, line));
        foreach (
            var command in new[]
            {
                "New-CtrContainer x -Image example.com/team/model:1",
                "Invoke-CtrContainer example.com/team/model:1 -Pull Never",
                "New-CtrContainer x -Image example.com/team/model:1 -- true",
            }
        )
        {
            var refused = _engine.Invoke(command).Error;
            Assert.StartsWith("ImageNotRunnable,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains(
                "not a container image: it is an artifact of the type 'application/vnd.example.model'",
                refused.Exception.Message,
                StringComparison.Ordinal
            );
        }

        Assert.Empty(_engine.Require("Get-CtrContainer"));
        var to = $"{_fixture.Registry.Host}/{PrivateDaemon.Unique("model")}:1";
        var back = Assert.Single(_engine.Require($"Send-CtrImage *model* {to} | Receive-CtrImage -NoUnpack"));
        Assert.Equal((to, image.Properties["Digest"].Value), (back.ToString(), back.Properties["Digest"].Value));
        _engine.Require($"$file = Export-CtrImage *team/model* -Path '{_folder}/out.tar'; Remove-CtrImage *model*");
        Assert.Equal(
            image.Properties["Digest"].Value,
            Assert.Single(_engine.Require("$file | Import-CtrImage")).Properties["Digest"].Value
        );
        await AssertFinishedAsync();
    }

    [Fact]
    public async Task The_brackets_of_an_IPv6_registry_are_no_wildcard()
    {
        _engine.Require(
            $"Import-CtrImage '{await TestImages.BusyboxTarAsync()}' -NoUnpack; Get-CtrImage busybox:test | Set-CtrImage -Tag '[::1]:5000/team/app:1'"
        );
        foreach (var name in new[] { "[::1]:5000/team/app:1", "[::1]:5000/*", "[::1]*" })
            Assert.Equal("[::1]:5000/team/app:1", Assert.Single(_engine.Require($"Get-CtrImage '{name}'")).ToString());
        Assert.Equal(
            "'[::1]:5000/team/app:1'",
            Assert.Single(_engine.Require("(TabExpansion2 \"Get-CtrImage '[::1]:\").CompletionMatches.CompletionText")).ToString()
        );
        _engine.Require("Remove-CtrImage '[::1]:5000/team/app:1'");
        Assert.Empty(_engine.Require("Get-CtrImage '[::1]*'"));
    }

    [Fact]
    public async Task WhatIf_does_nothing()
    {
        Assert.Empty(
            _engine.Require(
                $"Receive-CtrImage {Busybox} -WhatIf; New-CtrContainer x -Image {Busybox} -WhatIf; Invoke-CtrContainer {Busybox} -WhatIf -- true"
            )
        );
        Assert.Empty(_engine.Require("Get-CtrImage; Get-CtrContainer"));
        await AssertFinishedAsync();
    }

    [Fact]
    public void Each_failure_is_one_error_and_the_next_item_follows()
    {
        var nowhere = $"localhost:{TestRegistry.FreePort()}/a";
        var done = _engine.Invoke(
            $"'{nowhere}', '{_fixture.Registry.Host}/none/such', 'localhost/UPPER', '{Busybox}' | Receive-CtrImage; Send-CtrImage none; Receive-CtrImage {Busybox} -AllPlatforms -Platform linux/amd64"
        );
        Assert.Null(done.Exception);
        Assert.Single(done.Output);
        Assert.Equal(
            [
                ErrorIds.RegistryUnreachable,
                ErrorIds.ImageNotFoundInRegistry,
                ErrorIds.InvalidImageName,
                ErrorIds.ImageNotFound,
                ErrorIds.PlatformAmbiguous,
            ],
            done.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])
        );
        Assert.Equal(ErrorCategory.ConnectionError, done.Errors[0].CategoryInfo.Category);
        Assert.Equal(nowhere, done.Errors[0].TargetObject.ToString());
        Assert.All(done.Errors.Take(2), e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
    }

    [Fact]
    public async Task A_containers_image_is_pulled_when_it_is_missing_always_or_never()
    {
        var done = _engine.Invoke($"New-CtrContainer a -Image {Busybox} -Pull Never -- true");
        Assert.Equal(ErrorIds.ImageNotFound, done.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("Receive-CtrImage", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);

        await using var proxy = new RegistryProxy(_fixture.Registry.Port);
        var name = $"{proxy.Host}/team/busybox:1";
        Assert.Equal("one", Assert.Single(_engine.Require($"Invoke-CtrContainer {name} -- echo one")).ToString());
        Assert.NotEmpty(proxy.Requests);
        proxy.Requests.Clear();
        Assert.Equal("two", Assert.Single(_engine.Require($"Invoke-CtrContainer {name} -- echo two")).ToString());
        Assert.Empty(proxy.Requests);
        _engine.Require($"New-CtrContainer b -Image {name} -Pull Always -- true; Get-CtrContainer | Remove-CtrContainer");
        Assert.NotEmpty(proxy.Requests);

        // A registry that is gone does not matter to what is here, and does to what has to be asked for.
        proxy.Meddle = request => request.SayAsync("500 Internal Server Error");
        _engine.Require($"New-CtrContainer c -Image {name} -- true; Get-CtrContainer | Remove-CtrContainer");
        Assert.Equal(
            ErrorIds.ImageNotFoundInRegistry,
            _engine.Invoke($"New-CtrContainer d -Image {_fixture.Registry.Host}/none -- true").Error.FullyQualifiedErrorId.Split(',')[0]
        );
        Assert.Empty(_engine.Require("Get-CtrContainer"));
        await AssertFinishedAsync();
    }

    [Fact]
    public async Task Credentials_and_an_authority_are_specified_as_PowerShell_objects()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Basic = true, Tls = true });
        await registry.CopyInAsync("oci-archive:" + await TestImages.BusyboxTarAsync(), "a:1");
        var done = _engine.Invoke($"Receive-CtrImage {registry.Host}/a:1 -CaCertificatePath '{registry.CaFile}'");
        Assert.Equal(ErrorIds.AuthenticationRequired, done.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.PermissionDenied, done.Error.CategoryInfo.Category);
        _engine.Require(
            $"$secret = [securestring]::new(); '{TestRegistry.Password}'.ToCharArray().ForEach{{ $secret.AppendChar($_) }}; $login = [pscredential]::new('{TestRegistry.User}', $secret)"
        );
        Assert.Single(_engine.Require($"Receive-CtrImage {registry.Host}/a:1 -CaCertificatePath '{registry.CaFile}' -Credential $login"));
        Assert.Single(
            _engine.Require(
                $"Send-CtrImage {registry.Host}/a:1 {registry.Host}/b:1 -CaCertificatePath '{registry.CaFile}' -Credential $login"
            )
        );
    }

    [Fact]
    public async Task Progress_has_a_total_bar_and_one_for_each_layer_and_all_are_removed()
    {
        await using var proxy = new RegistryProxy(_fixture.Registry.Port);
        var name = await LargeAsync(8 << 20);
        proxy.Meddle = async request =>
        {
            // Slow enough to be seen.
            if (!request.IsBlob)
                return false;
            var answer = await request.FetchAsync();
            for (var at = 0; at < answer.Length; at += 1 << 20)
            {
                await request.Client.WriteAsync(answer.AsMemory(at, Math.Min(1 << 20, answer.Length - at)), request.Ending);
                await Task.Delay(150, request.Ending);
            }

            return true;
        };
        var done = _engine.Invoke($"Receive-CtrImage {proxy.Host}/{name}");
        Assert.Empty(done.Errors);
        var parents = done.Progress.Where(p => p.ParentActivityId < 0).ToList();
        var children = done.Progress.Where(p => p.ParentActivityId >= 0).ToList();
        Assert.Single(parents.Select(p => p.ActivityId).Distinct());
        Assert.NotEmpty(children);
        Assert.All(children, p => Assert.Equal(parents[0].ActivityId, p.ParentActivityId));
        Assert.Contains(children, p => p.PercentComplete is > 0 and < 100);
        foreach (var bar in done.Progress.GroupBy(p => p.ActivityId))
            Assert.Equal(ProgressRecordType.Completed, bar.Last().RecordType);
    }

    [Fact]
    public async Task Ctrl_C_returns_the_prompt_and_the_next_pull_resumes()
    {
        await using var proxy = new RegistryProxy(_fixture.Registry.Port);
        var name = $"{proxy.Host}/{await LargeAsync(8 << 20)}";
        var halfway = HoldHalfway(proxy);
        var running = _engine.Start($"Receive-CtrImage {name}");
        await halfway;

        var stopping = System.Diagnostics.Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(3), stopping.Elapsed.ToString());
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        await Eventually.TrueAsync(() => Ctr("leases", "list").Result.Split("pwsh-").Length == 2);
        Assert.Contains("pwsh-pull-", await Ctr("leases", "list"), StringComparison.Ordinal);
        await AssertGoesOnAsync(proxy, name);
    }

    [Fact]
    public async Task The_next_pull_resumes_that_of_a_killed_PowerShell()
    {
        await using var proxy = new RegistryProxy(_fixture.Registry.Port);
        var name = $"{proxy.Host}/{await LargeAsync(8 << 20)}";
        var pid = Path.Combine(_folder, "pid");
        var halfway = HoldHalfway(proxy);
        var running = HostProcess.RunAsync(
            $"[IO.File]::WriteAllText('{pid}', $PID); Import-Module Containerd; $null = Connect-CtrSession '{_fixture.Daemon.Address}' -Namespace {_namespace}; Receive-CtrImage {name}"
        );
        await halfway;
        System
            .Diagnostics.Process.GetProcessById(
                int.Parse(await File.ReadAllTextAsync(pid), System.Globalization.CultureInfo.InvariantCulture)
            )
            .Kill();
        Assert.Equal(137, (await running).Code);
        Assert.Contains("pwsh-", await Ctr("leases", "list"), StringComparison.Ordinal);
        await AssertGoesOnAsync(proxy, name);
    }

    [Fact]
    public async Task Fetched_content_stays_under_the_lease_of_the_caller()
    {
        await using var proxy = new RegistryProxy(_fixture.Registry.Port);
        var name = $"{proxy.Host}/{await LargeAsync(8 << 20)}";
        var halfway = HoldHalfway(proxy);
        _engine.Require("$lease = New-CtrLease");
        var running = _engine.Start($"$lease | Use-CtrLease {{ Receive-CtrImage {name} }}");
        await halfway;
        await running.StopAsync();
        running.Wait();
        Assert.DoesNotContain("pwsh-pull-", await Ctr("leases", "list"), StringComparison.Ordinal);

        proxy.Meddle = null;
        proxy.Requests.Clear();
        _engine.Require($"$lease | Use-CtrLease {{ Receive-CtrImage {name} }}");
        Assert.Contains(proxy.Requests, r => r.Headers.ContainsKey("range"));
        Assert.Single(_engine.Require("Get-CtrLease"));
        _engine.Require("$lease | Remove-CtrLease");
        await AssertFinishedAsync();
    }

    // Lets the large layer come halfway and no further; ends when that much is written.
    private Task HoldHalfway(RegistryProxy proxy)
    {
        proxy.Meddle = async request =>
        {
            if (!request.IsBlob)
                return false;
            await request.ForwardAsync(5 << 20);
            return await request.HangAsync();
        };
        return Eventually.TrueAsync(() => HalfwayAsync().Result, TimeSpan.FromSeconds(60));
    }

    private async Task<bool> HalfwayAsync()
    {
        var written = await Ctr("content", "active");
        return written.Contains("4.", StringComparison.Ordinal) || written.Contains("5.", StringComparison.Ordinal);
    }

    private async Task AssertGoesOnAsync(RegistryProxy proxy, string name)
    {
        proxy.Meddle = null;
        proxy.Requests.Clear();
        _engine.Require($"Receive-CtrImage {name}");
        Assert.Contains(proxy.Requests, r => r.Headers.ContainsKey("range"));
        await AssertFinishedAsync();
    }

    [Fact]
    public async Task A_proxy_in_the_environment_is_used_except_for_this_machine()
    {
        await using var proxy = new RegistryProxy(_fixture.Registry.Port);
        var environment = new Dictionary<string, string?>
        {
            ["http_proxy"] = $"http://127.0.0.1:{proxy.Port}",
            ["https_proxy"] = $"http://127.0.0.1:{TestRegistry.FreePort()}",
            ["no_proxy"] = null,
        };
        var run = await HostProcess.RunAsync(
            $"""
            Import-Module Containerd
            $null = Connect-CtrSession '{_fixture.Daemon.Address}' -Namespace {_namespace}
            Say far (Receive-CtrImage registry.invalid:5000/team/busybox:1 -PlainHttp)
            Say near (Receive-CtrImage {Busybox})
            try {"{"} $null = Receive-CtrImage registry.invalid:5001/team/busybox:1 -ErrorAction Stop {"}"} catch {"{"} Say failed $_.FullyQualifiedErrorId {"}"}
            """,
            environment
        );
        Assert.Equal("registry.invalid:5000/team/busybox:1", run["far"]);
        Assert.Equal(Busybox, run["near"]);
        Assert.StartsWith(ErrorIds.RegistryUnreachable, run["failed"], StringComparison.Ordinal);
        Assert.NotEmpty(proxy.Requests);
        Assert.All(proxy.Requests, r => Assert.StartsWith("http://registry.invalid:5000/", r.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Several_runspaces_pull_the_same_image()
    {
        var name = await LargeAsync(2 << 20);
        var run = await HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            $null = Connect-CtrSession '{{_fixture.Daemon.Address}}' -Namespace {{_namespace}}
            $shells = foreach ($i in 1..3) {
                $shell = [powershell]::Create([Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace([initialsessionstate]::CreateDefault2()))
                $shell.Runspace.Open()
                $null = $shell.AddScript("Import-Module Containerd; Receive-CtrImage {{_fixture.Registry.Host}}/{{name}}")
                [pscustomobject]@{ Shell = $shell; Running = $shell.BeginInvoke() }
            }
            $images = foreach ($s in $shells) { $s.Shell.EndInvoke($s.Running); foreach ($e in $s.Shell.Streams.Error) { [Console]::Error.WriteLine($e) } }
            Say count $images.Count
            """
        );
        Assert.Equal("3", run["count"]);
        await AssertFinishedAsync();
    }

    private async Task<string> LargeAsync(int bytes)
    {
        var noise = new byte[bytes];
        Random.Shared.NextBytes(noise);
        var layout = Path.Combine(_folder, "layout");
        var file = Path.Combine(_folder, "noise");
        await File.WriteAllBytesAsync(file, noise);
        await Shell.RunAsync("umoci", "init", "--layout", layout);
        await Shell.RunAsync("umoci", "new", "--image", layout + ":latest");
        await Shell.RunAsync("umoci", "insert", "--rootless", "--image", layout + ":latest", file, "/noise");
        var name = PrivateDaemon.Unique("large") + ":1";
        await _fixture.Registry.CopyInAsync($"oci:{layout}:latest", name);
        return name;
    }

    private async Task AssertFinishedAsync()
    {
        Assert.DoesNotContain("pwsh-", await Ctr("leases", "list"), StringComparison.Ordinal);
        Assert.DoesNotContain("sha256:", await Ctr("content", "active"), StringComparison.Ordinal);
    }

    private Task<string> Ctr(params string[] arguments) =>
        Shell.RunAsync("ctr", ["--address", _fixture.Daemon.SocketPath, "--namespace", _namespace, .. arguments]);
}

public sealed class BookwormRegistryCmdletTests(RegistryDaemon fixture) : RegistryCmdletTests(fixture), IClassFixture<RegistryDaemon>;

public sealed class SidRegistryCmdletTests(SidRegistryDaemon fixture) : RegistryCmdletTests(fixture), IClassFixture<SidRegistryDaemon>
{
    [Fact]
    public void The_daemon_pulls_from_the_configured_host()
    {
        using var engine = new Engine();
        var space = PrivateDaemon.Unique("transfer");
        engine.Require($"$session = Connect-CtrSession '{fixture.Daemon.Address}' -Namespace {space}");
        Assert.Single(engine.Require($"Receive-CtrImage {fixture.Registry.Host}/team/busybox:1 -Method Daemon"));
        Assert.Equal(
            "hello",
            Assert.Single(engine.Require($"Invoke-CtrContainer {fixture.Registry.Host}/team/busybox:1 -- echo hello")).ToString()
        );
        Assert.Equal(
            ErrorIds.TransferOptionNotSupported,
            engine
                .Invoke($"Receive-CtrImage {fixture.Registry.Host}/team/busybox:1 -Method Daemon -SkipCertificateCheck")
                .Error.FullyQualifiedErrorId.Split(',')[0]
        );
        engine.Require("Disconnect-CtrSession $session");
    }
}
