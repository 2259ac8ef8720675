using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Images from the pipeline, to create containers from.</summary>
public sealed class PipedImageTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public void An_image_from_the_pipeline_is_used_for_the_container()
    {
        var container = Engine.Require<CtrContainer>($"Get-CtrImage {Busybox} | New-CtrContainer {Id} -- echo hello");
        Assert.Equal((Id, Busybox), (container.ContainerId, container.Image));
        Assert.Equal(["echo", "hello"], container.Spec!.Process!.Args!);
        Assert.Equal(2, Engine.Require($"Get-CtrImage {Busybox} | New-CtrContainer {Id}-a, {Id}-b").Count);
        // Ids from the pipeline work as before.
        Assert.Equal(
            [$"{Id}-c", $"{Id}-d"],
            Engine
                .Require($"'{Id}-c', '{Id}-d' | New-CtrContainer -Image {Busybox} -- echo hello")
                .Select(c => ((CtrContainer)c.BaseObject).ContainerId)
        );
    }

    [Fact]
    public void An_image_without_an_id_and_one_with_another_source_are_errors()
    {
        Assert.Equal(ErrorIds.InvalidId, Error($"Get-CtrImage {Busybox} | New-CtrContainer"));
        Assert.Equal(ErrorIds.InvalidId, Error($"Get-CtrImage {Busybox} | New-CtrContainer -- {Id}"));
        Assert.Equal(ErrorIds.ConflictingParameters, Error($"Get-CtrImage {Busybox} | New-CtrContainer {Id} -Image {Busybox}"));
        Assert.Equal(ErrorIds.ConflictingParameters, Error($"Get-CtrImage {Busybox} | New-CtrContainer {Id} -Rootfs /tmp"));
        Assert.Empty(Engine.Require($"Get-CtrContainer {Id}*"));
    }

    [Fact]
    public void A_command_runs_in_a_container_of_each_image_from_the_pipeline()
    {
        Assert.Equal(
            ["hello world"],
            Engine.Require($"Get-CtrImage {Busybox} | Invoke-CtrContainer -- echo hello world").Select(o => o.ToString())
        );
        Assert.Equal(
            ["one", "one"],
            Engine.Require($"$image = Get-CtrImage {Busybox}; $image, $image | Invoke-CtrContainer -- echo one").Select(o => o.ToString())
        );
        Assert.Equal(["B", "A"], Engine.Require($"'B', 'A' | Invoke-CtrContainer {Busybox} -- cat").Select(o => o.ToString()));
        Assert.Empty(Engine.Require($"@() | Invoke-CtrContainer {Busybox} -- cat"));
        Assert.Equal(
            7,
            Engine.Require<CtrExecResult>($"Get-CtrImage {Busybox} | Invoke-CtrContainer -PassThru -- sh -c 'exit 7'").ExitCode
        );
        Assert.Empty(Engine.Require($"Get-CtrImage {Busybox} | Invoke-CtrContainer -WhatIf -- true"));
    }

    [Fact]
    public void The_image_of_a_container_is_found_by_the_container_and_its_task()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask; New-CtrContainer {Id}-plain -Rootfs /tmp -- true");
        Assert.Equal(Busybox, Engine.Require<CtrImage>($"Get-CtrContainer {Id} | Get-CtrImage").Name);
        Assert.Equal(Busybox, Engine.Require<CtrImage>($"Get-CtrTask {Id} | Get-CtrImage").Name);
        Assert.Equal(ErrorIds.ContainerWithoutImage, Error($"Get-CtrContainer {Id}-plain | Get-CtrImage"));
    }

    private string Error(string script) => Engine.Invoke(script).Error.FullyQualifiedErrorId.Split(',')[0];
}
