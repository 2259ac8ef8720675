using System.Management.Automation;
using System.Text.Json.Nodes;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>What is no checkpoint, a damaged one, or another container's: one clear error each, and nothing has changed.</summary>
public sealed class BadCheckpointTests(DaemonFixtures fixtures) : CheckpointTest(fixtures)
{
    private readonly string[] _endings = [".tar", ".tar.gz", ".tar.zst"];

    [Fact]
    public async Task An_invalid_checkpoint_is_one_error()
    {
        await PrepareAsync("");
        Directory.CreateDirectory(Path.Combine(Folder, "empty"));
        Directory.CreateDirectory(Path.Combine(Folder, "foreign"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "foreign", "inventory.img"), "not ours", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, "text"), "This is no archive.\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "long-text"),
            string.Concat(Enumerable.Repeat("This is no archive.\n", 1000)),
            TestContext.Current.CancellationToken
        );
        await File.WriteAllTextAsync(Path.Combine(Folder, "nothing.tar"), "", TestContext.Current.CancellationToken);
        File.Copy(await TestImages.BusyboxTarAsync(), Path.Combine(Folder, "image.tar"));
        await RefusedAsync("missing", ErrorIds.CheckpointNotFound, ErrorCategory.ObjectNotFound, "no checkpoint at");
        await RefusedAsync("empty", ErrorIds.CheckpointEmpty, ErrorCategory.InvalidData, "is empty");
        await RefusedAsync("foreign", ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "not one of ours");
        await RefusedAsync("text", ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "not a tar archive");
        await RefusedAsync("long-text", ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "not a tar archive");
        await RefusedAsync("nothing.tar", ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "not a tar archive");
        await RefusedAsync("image.tar", ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "begin with");
    }

    [Fact]
    public async Task A_directory_that_was_changed_is_one_error()
    {
        await PrepareAsync("");
        foreach (
            var (what, says, damage) in new (string, string, Action<string>)[]
            {
                ("cut", "bytes instead of", f => SetLength(Largest(f), 100)),
                ("changed", "was changed", f => Flip(Largest(f))),
                ("missing", "is missing", f => File.Delete(Largest(f))),
                ("spec", "was changed", f => Flip(Path.Combine(f, "spec.json"))),
                ("layer", "was changed", f => Flip(Path.Combine(f, "rootfs-diff.tar"))),
                ("no-manifest", "not finished", f => File.Delete(Path.Combine(f, "checkpoint.json"))),
                ("no-json", "not valid JSON", f => SetLength(Path.Combine(f, "checkpoint.json"), 50)),
                ("other-json", "not one of ours", f => Change(f, m => m["format"] = "another")),
                ("null-json", "not one of ours", f => File.WriteAllText(Path.Combine(f, "checkpoint.json"), "null")),
                ("version", "version 99", f => Change(f, m => m["version"] = 99)),
                ("null-files", "not complete", f => Change(f, m => m["files"] = null)),
                ("null-file", "not complete", f => Change(f, m => m["files"]!["spec.json"] = null)),
                ("no-runtime", "not complete", f => Change(f, m => m["runtime"] = "")),
                ("wrong-kind", "not valid JSON", f => Change(f, m => m["files"] = "none")),
                ("no-process", "no process", f => Change(f, m => m["files"] = new JsonObject())),
                ("large-spec", "at most 4 MiB", f => Change(f, m => m["files"]!["spec.json"]!["size"] = 5 << 20)),
                ("huge", "not complete", f => Change(f, m =>
                    {
                        foreach (var (_, file) in m["files"]!.AsObject())
                            file!["size"] = long.MaxValue;
                    })),
                ("outside", "names a file", f => Change(f, m => m["files"]!["criu/../../x"] = m["files"]!["spec.json"]!.DeepClone())),
            }
        )
        {
            await Shell.RunAsync("cp", "-a", CheckpointPath, Path.Combine(Folder, what));
            damage(Path.Combine(Folder, what));
            await RefusedAsync(what, ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, says);
        }
    }

    [Fact]
    public async Task A_damaged_archive_is_one_error_wherever_it_is_truncated_or_changed()
    {
        await PrepareAsync(".tar", ".tar.gz", ".tar.zst");
        foreach (var ending in _endings)
        {
            var whole = await File.ReadAllBytesAsync(CheckpointPath + ending, TestContext.Current.CancellationToken);
            foreach (var part in new[] { 0.001, 0.1, 0.5, 0.9 })
            {
                var (cut, changed) = ($"cut-{part}{ending}", $"changed-{part}{ending}");
                await File.WriteAllBytesAsync(
                    Path.Combine(Folder, cut),
                    whole[..(int)(whole.Length * part)],
                    TestContext.Current.CancellationToken
                );
                await RefusedAsync(cut, ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "");
                File.Delete(Path.Combine(Folder, cut));
                if (part < 0.1)
                    continue;
                var bytes = whole.ToArray();
                // In a plain tar the middle of a block may be padding, which means nothing: change a whole one.
                for (var at = (int)(whole.Length * part); at < (int)(whole.Length * part) + 1024; at++)
                    bytes[at] ^= 0x55;
                await File.WriteAllBytesAsync(Path.Combine(Folder, changed), bytes, TestContext.Current.CancellationToken);
                await RefusedAsync(changed, ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "");
                File.Delete(Path.Combine(Folder, changed));
            }
        }
    }

    [Fact]
    public async Task An_archive_that_reaches_outside_is_rejected()
    {
        await PrepareAsync("");
        foreach (
            var (what, options) in new[]
            {
                ("outside.tar", "s,spec.json,../spec.json,"),
                ("absolute.tar", "s,spec.json,/tmp/spec.json,"),
                ("more.tar", "s,spec.json,more.json,"),
            }
        )
        {
            await Shell.RunAsync(
                "tar",
                "-cPf",
                Path.Combine(Folder, what),
                "-C",
                CheckpointPath,
                "--transform",
                options,
                "checkpoint.json",
                "spec.json"
            );
            await RefusedAsync(what, ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "it holds");
        }

        File.CreateSymbolicLink(Path.Combine(Folder, "checkpoint", "criu", "link"), "/etc/passwd");
        await Shell.RunAsync("tar", "-cf", Path.Combine(Folder, "link.tar"), "-C", CheckpointPath, "checkpoint.json", "criu/link");
        await RefusedAsync("link.tar", ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "it holds");
    }

    [Fact]
    public async Task Content_of_an_archive_that_its_manifest_does_not_list_is_not_unpacked()
    {
        await PrepareAsync("");
        await Shell.RunAsync("truncate", "-s", "1M", Path.Combine(Folder, "big"));
        foreach (
            var (what, name, says) in new[]
            {
                ("extra.tar", "criu/extra.img", "it holds 'criu/extra.img'"),
                ("larger.tar", "spec.json", "has 1048576 bytes instead of"),
            }
        )
        {
            await Shell.RunAsync(
                "tar",
                "-cf",
                Path.Combine(Folder, what),
                "--transform",
                $"s,^big$,{name},",
                "-C",
                CheckpointPath,
                "checkpoint.json",
                "-C",
                Folder,
                "big"
            );
            await RefusedAsync(what, ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, says);
        }

        await Shell.RunAsync(
            "tar",
            "-cf",
            Path.Combine(Folder, "twice.tar"),
            "-C",
            CheckpointPath,
            "checkpoint.json",
            "spec.json",
            "spec.json"
        );
        await RefusedAsync("twice.tar", ErrorIds.InvalidCheckpoint, ErrorCategory.InvalidData, "twice");
    }

    [Fact]
    public async Task Another_container_s_checkpoint_is_rejected_and_restored_to_a_new_one_instead()
    {
        await PrepareAsync("");
        // Another id; the same id with another command, or in another namespace; and the same one created again.
        Engine.Require($"New-CtrContainer {Id}-other -Image {Busybox} {Counter}");
        await RefusedByAsync($"{Id}-other", "created from the container");
        Engine.Require($"Remove-CtrContainer {Id}; New-CtrContainer {Id} -Image {Busybox} {Idle}");
        await RefusedByAsync(Id, "spec of the container");
        Engine.Require($"Remove-CtrContainer {Id}; New-CtrContainer {Id} -Image {Busybox} {Counter}");
        Engine.Require($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'");
        await CountsOnAsync();
        Engine.Require($"Stop-CtrTask {Id} -Force; Restore-CtrContainer '{CheckpointPath}' {Id}-new");
        // A container that was restored from it may be started from it, and from one of its own.
        Engine.Require(
            $"Stop-CtrTask {Id}-new -Force; Start-CtrTask {Id}-new -CheckpointPath '{CheckpointPath}'; Checkpoint-CtrTask {Id}-new '{CheckpointPath}-new' -Exit; Start-CtrTask {Id}-new -CheckpointPath '{CheckpointPath}-new'"
        );
        await RefusedByAsync(Id, "created from the container", $"{CheckpointPath}-new");

        var elsewhere = PrivateDaemon.Unique("elsewhere");
        await DaemonFixture.ImportAsync(elsewhere, await TestImages.BusyboxTarAsync());
        using var engine = DaemonFixture.Open(elsewhere);
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Counter}");
        AssertError(
            engine.Invoke($"Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'").Error,
            ErrorIds.CheckpointMismatch,
            "StartCtrTask",
            ErrorCategory.InvalidArgument,
            Id
        );
        engine.Require($"Remove-CtrContainer {Id}");
    }

    [Fact]
    public async Task Limits_and_labels_may_have_changed_since()
    {
        await PrepareAsync("");
        Engine.Require(
            $"Set-CtrContainer {Id} -Label @{{ seen = 'yes' }}; $spec = (Get-CtrContainer {Id}).Spec; $spec.Linux.Resources.Memory = @{{ Limit = 100mb }}; Set-CtrContainer {Id} -Spec $spec; Start-CtrTask {Id} -CheckpointPath '{CheckpointPath}'"
        );
        await CountsOnAsync();
        Assert.Equal(100L << 20, Engine.Require<CtrStats>($"Get-CtrStats {Id}").MemoryLimit!.Value);
    }

    /// <summary>A container that has ended, and checkpoints of it.</summary>
    private async Task PrepareAsync(params string[] endings)
    {
        await UseCriuAsync("bookworm");
        await StartCounterAsync();
        foreach (var ending in endings)
            Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}{ending}'");
        Engine.Require($"Stop-CtrTask {Id} -Force");
    }

    private async Task RefusedAsync(string name, string id, ErrorCategory category, string says)
    {
        var path = Path.Combine(Folder, name);
        foreach (
            var (command, cmdlet, target) in new[]
            {
                ($"Start-CtrTask {Id} -CheckpointPath '{path}'", "StartCtrTask", Id),
                ($"Restore-CtrContainer '{path}' {Id}-new", "RestoreCtrContainer", path),
            }
        )
        {
            await AssertUnchangedAsync(
                () => Engine.Invoke(command),
                error =>
                {
                    AssertError(error, id, cmdlet, category, target);
                    Assert.Contains(path, error.Exception.Message, StringComparison.Ordinal);
                    Assert.Contains(says, error.Exception.Message, StringComparison.Ordinal);
                    Assert.NotNull(error.ErrorDetails?.RecommendedAction);
                }
            );
        }
    }

    private Task RefusedByAsync(string id, string says, string? path = null) =>
        AssertUnchangedAsync(
            () => Engine.Invoke($"Start-CtrTask {id} -CheckpointPath '{path ?? CheckpointPath}'"),
            error =>
            {
                AssertError(error, ErrorIds.CheckpointMismatch, "StartCtrTask", ErrorCategory.InvalidArgument, id);
                Assert.Contains(says, error.Exception.Message, StringComparison.Ordinal);
                Assert.Contains("Restore-CtrContainer", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            }
        );

    private static string Largest(string folder) =>
        new DirectoryInfo(Path.Combine(folder, "criu")).EnumerateFiles().MaxBy(f => f.Length)!.FullName;

    private static void Change(string folder, Action<JsonNode> change)
    {
        var file = Path.Combine(folder, "checkpoint.json");
        var manifest = JsonNode.Parse(File.ReadAllText(file))!;
        change(manifest);
        File.WriteAllText(file, manifest.ToJsonString());
    }

    private static void SetLength(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length);
    }

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = file.Length / 2;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }
}
