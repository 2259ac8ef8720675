using System.Text.Json;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.PowerShell.Tests.Storage;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Images;

/// <summary>Images made of containers: they run, are kept by containerd's collector, and other tools read them.</summary>
public sealed class ImageCommitTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_running_container_becomes_an_image_that_runs(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        space.Engine.Require(
            "$null = New-CtrContainer web -Image busybox:test -- sh -c 'echo first > /changed; rm /etc/group; echo ready; while :; do sleep 0.1; done' | Start-CtrTask"
        );
        await Eventually.TrueAsync(() => space.Texts("Get-CtrLog web").Contains("ready"));
        Assert.Empty(space.Texts("New-CtrImage web app:1 -WhatIf"));
        var made = Assert.IsType<CtrImage>(
            Assert
                .Single(
                    space.Engine.Require(
                        "New-CtrImage -FromContainer web -Name app:1 -Entrypoint cat -Command /changed -Env @{ COLOUR = 'blue' } -Label @{ team = 'red' } -Author me -Message 'a remark' -User app -WorkingDirectory /tmp -ExposedPort 80, 53/udp -StopSignal SIGQUIT"
                    )
                )
                .BaseObject
        );
        Assert.Equal("docker.io/library/app:1", made.Name);
        Assert.Equal("Running", space.Text("(Get-CtrTask web).Status"));
        Assert.Equal("first", space.Text("Invoke-CtrContainer -Image app:1"));
        Assert.Equal(
            "/tmp 1000 blue no group",
            space.Text(
                "Invoke-CtrContainer -Image app:1 -Entrypoint sh -- -c 'echo $(pwd) $(id -u) $COLOUR $(test -e /etc/group || echo no group)'"
            )
        );
        Assert.Equal("sh", space.Text("(Get-CtrImage busybox:test -Detailed).Config.Cmd"));

        // It is all held by the name, and nothing else is.
        Assert.DoesNotContain(await space.RowsAsync("leases", "list"), row => row.StartsWith("pwsh-", StringComparison.Ordinal));
        await space.CtrAsync("leases", "create", "--id", "collect");
        await space.CtrAsync("leases", "delete", "--sync", "collect");
        Assert.Equal("True", space.Text("Test-CtrImage app:1 -Quiet"));
        Assert.Equal("first", space.Text("Invoke-CtrContainer -Image app:1"));
        Assert.Contains((await space.CtrAsync("images", "check")).Split('\n'), row =>
            row.StartsWith("docker.io/library/app:1", StringComparison.Ordinal)
            && row.Contains("complete (3/3)", StringComparison.Ordinal)
            && row.TrimEnd().EndsWith("true", StringComparison.Ordinal)
        );

        var file = Path.Combine(space.Folder, "app.tar");
        space.Engine.Require($"$null = Export-CtrImage app:1 '{file}'");
        var read = JsonDocument.Parse(await Shell.RunAsync("skopeo", "inspect", $"oci-archive:{file}")).RootElement;
        Assert.Equal("red", read.GetProperty("Labels").GetProperty("team").GetString());
        var config = JsonDocument.Parse(await Shell.RunAsync("skopeo", "inspect", "--config", $"oci-archive:{file}")).RootElement;
        Assert.Equal("me", config.GetProperty("author").GetString());
        Assert.Equal("a remark", config.GetProperty("history")[1].GetProperty("comment").GetString());
        Assert.Equal(2, config.GetProperty("rootfs").GetProperty("diff_ids").GetArrayLength());
        var settings = config.GetProperty("config");
        Assert.Equal(
            ["53/udp", "80/tcp"],
            settings.GetProperty("ExposedPorts").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal("SIGQUIT", settings.GetProperty("StopSignal").GetString());
        Assert.Equal("app", settings.GetProperty("User").GetString());

        // containerd's own pruning takes what unpacked layers were made of, ours as its own, and no more.
        await space.CollectAsync();
        Assert.Equal(4, (await space.RowsAsync("content", "list")).Count);
        Assert.Equal("first", space.Text("Invoke-CtrContainer -Image app:1"));
        Assert.Equal(["Missing", "Missing"], space.Texts("(Test-CtrImage app:1).Problems | ForEach-Object Kind"));

        space.Engine.Require("Remove-CtrContainer web -Force; Remove-CtrImage app:1, busybox:test");
        await space.CollectAsync();
        Assert.Empty(await space.RowsAsync("content", "list"));
        Assert.Empty(await space.RowsAsync("snapshots", "list"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Each_failure_is_one_error_and_leaves_nothing(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        space.Engine.Require("$null = New-CtrContainer one -Image busybox:test -- true; $null = New-CtrImage one kept:1");
        var blobs = await space.LinesAsync("content", "list", "--quiet");
        Assert.Equal(ErrorIds.ImageExists, space.ErrorId("New-CtrImage one kept:1"));
        Assert.Equal(ErrorIds.ContainerNotFound, space.ErrorId("New-CtrImage nothing x"));
        Assert.Equal(ErrorIds.InvalidImageName, space.ErrorId("New-CtrImage one UPPER"));
        Assert.Equal(ErrorIds.DigestConflict, space.ErrorId($"New-CtrImage one x@sha256:{new string('0', 64)}"));
        space.Engine.Require($"$null = New-CtrContainer folder -Rootfs '{space.Folder}' -- true");
        Assert.Equal(ErrorIds.ContainerWithoutSnapshot, space.ErrorId("New-CtrImage folder x"));
        Assert.Equal(blobs, await space.LinesAsync("content", "list", "--quiet"));

        // The name may lead elsewhere by now: the layers say what the base is.
        space.Engine.Require("$null = New-CtrImage one next:1 -Label @{ a = '1' }; Set-CtrImage next:1 -Tag busybox:test -Force");
        Assert.Equal("1", space.Text("(Get-CtrImage busybox:test -Detailed).Config.Labels['a']"));
        Assert.Equal(ErrorIds.BaseImageNotFound, space.ErrorId("New-CtrImage one x"));
        Assert.Equal(
            "docker.io/library/kept:1",
            space.Text($"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; New-CtrImage one kept:1 -Force -NoPause")
        );
        // And of an image that was made so the next one is made.
        space.Engine.Require(
            "$null = New-CtrContainer two -Image kept:1 -- true; $null = New-CtrContainer paused -Image kept:1 -- sleep 600 | Start-CtrTask | Suspend-CtrTask"
        );
        Assert.Equal(
            "3",
            space.Text("$null = Get-CtrContainer two | New-CtrImage -Name two:1; (Get-CtrImage two:1 -Detailed).Layers.Count")
        );
        Assert.Equal("Paused", space.Text("$null = New-CtrImage paused three:1; (Get-CtrTask paused).Status"));
        Assert.Equal(["True", "True", "True"], space.Texts("Test-CtrImage two:1, three:1, kept:1 -Quiet"));
        space.Engine.Require("Get-CtrContainer | Remove-CtrContainer -Force");
        Assert.DoesNotContain(await space.RowsAsync("leases", "list"), row => row.StartsWith("pwsh-", StringComparison.Ordinal));
    }
}
