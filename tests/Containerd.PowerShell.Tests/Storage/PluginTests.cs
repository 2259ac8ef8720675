using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>The plugins of a daemon, compared with containerd's own client, and the errors for services that it does not have.</summary>
public sealed class PluginTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Plugins_are_listed_like_in_ctr(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        var theirs = (await space.RowsAsync("plugins", "list"))
            .Select(r => r.Split(' '))
            .Select(c => $"{c[0]} {c[1]} {(c[2] == "-" ? "" : c[2])} {c[3]}")
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.True(theirs.Count > 20);
        Assert.Equal(
            theirs,
            space
                .Texts(
                    "Get-CtrPlugin | ForEach-Object { \"$($_.Type) $($_.Id) $($_.Platforms -join ',') $(@{ Loaded = 'ok'; Skipped = 'skip'; Failed = 'error' }[\"$($_.State)\"])\" }"
                )
                .Order(StringComparer.Ordinal)
        );
        var overlay = Assert.Single(space.Engine.Require("Get-CtrPlugin overlayfs -Type *snapshotter*"));
        Assert.Equal("io.containerd.snapshotter.v1.overlayfs", overlay.ToString());
        Assert.EndsWith("overlayfs", ((CtrPlugin)overlay.BaseObject).Exports["root"], StringComparison.Ordinal);
        Assert.Equal([overlay.ToString()!], space.Texts("Get-CtrPlugin io.containerd.snapshotter.v1.overlayfs"));
        Assert.Equal([overlay.ToString()!], space.Texts("Get-CtrPlugin -Filter 'type==io.containerd.snapshotter.v1,id==overlayfs'"));
        Assert.All(space.Engine.Require("Get-CtrPlugin -State Skipped, Failed"), p => Assert.NotNull(((CtrPlugin)p.BaseObject).Error));
        Assert.All(space.Engine.Require("Get-CtrPlugin -State Loaded"), p => Assert.Null(((CtrPlugin)p.BaseObject).Error));
        Assert.Equal(ErrorIds.PluginNotFound, space.ErrorId("Get-CtrPlugin nothing"));
        Assert.Empty(space.Texts("Get-CtrPlugin nothing*"));
    }

    [Fact]
    public async Task A_runtime_is_found_by_its_shim_if_the_daemon_does_not_support_the_query()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        var runc = space.Engine.Require<CtrRuntime>("Get-CtrRuntime io.containerd.runc.v2");
        Assert.Equal("containerd-shim-runc-v2", Path.GetFileName(runc.ShimPath));
        Assert.True(runc.IsDefault);
        Assert.Null(runc.Version);
        Assert.Contains("io.containerd.runc.v2", space.Texts("Get-CtrRuntime"));
        Assert.Equal(ErrorIds.RuntimeNotFound, space.ErrorId("Get-CtrRuntime io.containerd.none.v1"));
        Assert.Empty(space.Texts("Get-CtrRuntime *none*"));
    }

    [Fact]
    public async Task A_runtime_reports_its_features()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "sid");
        var theirs = System.Text.Json.JsonDocument.Parse(await space.CtrAsync("plugins", "inspect-runtime")).RootElement;
        var runc = space.Engine.Require<CtrRuntime>("Get-CtrRuntime io.containerd.runc.v2");
        Assert.Equal(theirs.GetProperty("Name").GetString(), runc.Name);
        Assert.Equal(theirs.GetProperty("Version").GetProperty("Version").GetString(), runc.Version);
        var features = System.Text.Json.JsonDocument.Parse(runc.Features!).RootElement;
        Assert.Equal(
            theirs.GetProperty("Features").GetProperty("ociVersionMax").GetString(),
            features.GetProperty("ociVersionMax").GetString()
        );
        Assert.True(runc.IsDefault);
        Assert.NotNull(runc.ShimPath);
        // Another program behind the same shim.
        Assert.Contains("crun", space.Engine.Require<CtrRuntime>("Get-CtrRuntime crun").Features!, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.RuntimeNotFound, space.ErrorId("Get-CtrRuntime io.containerd.none.v1"));
    }

    [Fact]
    public async Task A_disabled_service_is_one_clear_error()
    {
        var config = Path.Combine(Directory.CreateTempSubdirectory("containerd-config-").FullName, "config.toml");
        await File.WriteAllTextAsync(
            config,
            "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.leases\"]\n",
            TestContext.Current.CancellationToken
        );
        await using var daemon = await PrivateDaemon.StartAsync(adjust: options => options.ConfigPath = config);
        using var engine = new Engine();
        engine.Require($"$null = Connect-CtrSession {daemon.Address} -Namespace {daemon.Namespace}");
        foreach (var command in new[] { "Get-CtrLease", "New-CtrLease", "Use-CtrLease { 'not run' }" })
        {
            var done = engine.Invoke(command);
            Assert.Empty(done.Output);
            Assert.Equal(ErrorIds.ServiceNotAvailable, done.Error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal(ErrorCategory.NotImplemented, done.Error.CategoryInfo.Category);
            Assert.Contains("containerd.services.leases.v1.Leases", done.Error.Exception.Message, StringComparison.Ordinal);
            Assert.Contains("Get-CtrPlugin", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }

        engine.Require("Disconnect-CtrSession");
        Directory.Delete(Path.GetDirectoryName(config)!, recursive: true);
    }
}
