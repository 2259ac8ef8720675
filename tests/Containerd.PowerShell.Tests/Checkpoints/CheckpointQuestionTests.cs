using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security.Cryptography;
using System.Text.Json;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>Checkpoints that this daemon did not make. They are not whole enough for CRIU, which is not reached.</summary>
public sealed class CheckpointQuestionTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const int Yes = 0;
    private const int No = 2;

    [Fact]
    public async Task Without_a_prompt_it_is_one_error_with_the_remedy_and_nothing_has_changed()
    {
        var place = await MakeAsync(
            "example.test/none:1",
            "",
            """{ "process": { "args": [ "sh" ] }, "hooks": { "prestart": [ { "path": "/bin/evil" } ] } }"""
        );
        Engine.Host.Choose = _ => throw new HostException("Nobody is here.");
        foreach (var path in new[] { place, place + ".tar" })
        {
            var done = Engine.Invoke($"Restore-CtrContainer '{path}' {Id}");
            Assert.Equal("ConfirmationRequired,Containerd.PowerShell.RestoreCtrContainerCommand", done.Error.FullyQualifiedErrorId);
            Assert.Equal(ErrorCategory.InvalidArgument, done.Error.CategoryInfo.Category);
            Assert.Contains("-Force", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.Contains("/bin/evil", done.Error.Exception.Message, StringComparison.Ordinal);
            Assert.Empty(Engine.Require($"Get-CtrContainer {Id}*"));
            Assert.Empty(Engine.Invoke($"Restore-CtrContainer '{path}' {Id} -WhatIf").Errors);
            Assert.Equal(
                "ImageNotFound,Containerd.PowerShell.RestoreCtrContainerCommand",
                Engine.Invoke($"Restore-CtrContainer '{path}' {Id} -Force").Error.FullyQualifiedErrorId
            );
        }
    }

    [Fact]
    public async Task The_answer_no_to_the_confirmation_is_not_an_error()
    {
        var place = await MakeAsync("example.test/none:1", "", """{ "process": { "args": [ "sh" ] } }""");
        var asked = new List<string>();
        Engine.Host.Choose = question => Answer(question, No);
        var done = Engine.Invoke($"Restore-CtrContainer '{place}', '{place}.tar' {Id}");
        Assert.Empty(done.Errors);
        Assert.Empty(done.Output);
        Assert.Equal(2, asked.Count);
        Assert.Contains("was not created with this daemon", asked[0], StringComparison.Ordinal);

        Engine.Host.Choose = question => Answer(question, Yes);
        Assert.Equal(
            "ImageNotFound,Containerd.PowerShell.RestoreCtrContainerCommand",
            Engine.Invoke($"Restore-CtrContainer '{place}' {Id}").Error.FullyQualifiedErrorId
        );
        Assert.Equal(3, asked.Count);
        Assert.Empty(Engine.Require($"Get-CtrContainer {Id}*"));

        int Answer(string question, int answer)
        {
            asked.Add(question);
            return answer;
        }
    }

    [Fact]
    public async Task A_start_also_asks_for_confirmation_before_an_earlier_task_is_removed()
    {
        var made = Engine.Require<CtrContainer>($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 3'");
        Engine.Require($"Start-CtrTask {Id} | Wait-CtrTask");
        var parent = Engine.Require<string>($"(Get-CtrSnapshot {Id}).Parent");
        var place = await MakeAsync(made.Image, parent, made.Spec!.ToJson(), Id);
        Engine.Host.Choose = _ => throw new HostException("Nobody is here.");
        var done = Engine.Invoke($"Start-CtrTask {Id} -CheckpointPath '{place}'");
        Assert.Equal("ConfirmationRequired,Containerd.PowerShell.StartCtrTaskCommand", done.Error.FullyQualifiedErrorId);
        Engine.Host.Choose = _ => No;
        done = Engine.Invoke($"Start-CtrTask {Id} -CheckpointPath '{place}'");
        Assert.Empty(done.Errors);
        Assert.Empty(done.Output);
        Assert.Equal(3, Engine.Require<CtrTask>($"Get-CtrTask {Id}").ExitCode);
        Engine.Host.Choose = null;
        // The runtime finds no images of CRIU's in it.
        done = Engine.Invoke($"Start-CtrTask {Id} -CheckpointPath '{place}' -Force");
        Assert.DoesNotContain(ErrorIds.ConfirmationRequired, done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private async Task<string> MakeAsync(string image, string parent, string spec, string id = "saved")
    {
        var place = Path.Combine(Folder, "strange");
        Directory.CreateDirectory(Path.Combine(place, "criu"));
        await File.WriteAllTextAsync(Path.Combine(place, "criu", "inventory.img"), "criu");
        await File.WriteAllTextAsync(Path.Combine(place, "spec.json"), spec);
        string[] names = ["criu/inventory.img", "spec.json"];
        var files = names.ToDictionary(
            n => n,
            n =>
                (object)
                    new
                    {
                        size = new FileInfo(Path.Combine(place, n)).Length,
                        digest = "sha256:"
                            + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(place, n)))).ToLowerInvariant(),
                    }
        );
        await File.WriteAllTextAsync(
            Path.Combine(place, "checkpoint.json"),
            JsonSerializer.Serialize(
                new
                {
                    format = "containerd-powershell/checkpoint",
                    version = 1,
                    id = Guid.NewGuid().ToString(),
                    containerId = id,
                    @namespace = DaemonFixture.Namespace,
                    image,
                    runtime = "io.containerd.runc.v2",
                    snapshotter = "overlayfs",
                    parent,
                    labels = new { },
                    needs = Array.Empty<string>(),
                    files,
                }
            )
        );
        await Shell.RunAsync("tar", ["-C", place, "-cf", place + ".tar", "checkpoint.json", .. names]);
        return place;
    }
}
