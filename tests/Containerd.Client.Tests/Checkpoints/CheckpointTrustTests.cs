using System.Security.Cryptography;
using System.Text;
using Containerd.Client.Tests.Images;
using Containerd.Client.Workloads.Checkpoints;
using Containerd.Host.Files;
using Containerd.Testing;

namespace Containerd.Client.Tests.Checkpoints;

/// <summary>
/// Which checkpoints are restored without a question. None of them is whole enough for CRIU: the question comes before anything else.
/// </summary>
public sealed class CheckpointTrustTests(ImageFixture fixture) : IClassFixture<ImageFixture>
{
    private static readonly CancellationToken None = TestContext.Current.CancellationToken;

    private readonly string _folder = fixture.NewFolder();
    private readonly NamespaceClient _ns = fixture.Client.In(PrivateDaemon.Unique("trust"));

    [Fact]
    public async Task A_checkpoint_with_the_daemons_seal_in_a_folder_or_an_archive_needs_no_confirmation()
    {
        var key = await KeyAsync();
        var folder = await MakeAsync("own", key);
        Assert.Equal((0, ErrorIds.ImageNotFound), await RestoreAsync(folder));
        Assert.Equal((0, ErrorIds.ImageNotFound), await RestoreAsync(await PackAsync(folder)));
        Assert.Empty(await _ns.Containers.ListAsync(cancellationToken: None));
    }

    [Fact]
    public async Task Any_other_checkpoint_requires_confirmation_before_anything_is_changed()
    {
        var key = await KeyAsync();
        var seal = CheckpointManifest
            .Parse(await File.ReadAllBytesAsync(Path.Combine(await MakeAsync("source", key), "checkpoint.json"), None), "x")
            .Seal;
        string[] strange =
        [
            await MakeAsync("unsealed", null),
            await MakeAsync("other", RandomNumberGenerator.GetBytes(32)),
            await MakeAsync("copied", null, manifest => manifest.Seal = seal),
            await MakeAsync("changed", null, manifest => (manifest.Seal, manifest.Runtime) = (seal, "io.containerd.runc.v1")),
        ];
        foreach (var folder in strange)
        {
            foreach (var path in new[] { folder, await PackAsync(folder) })
            {
                Assert.Equal((1, ErrorIds.CheckpointDeclined), await RestoreAsync(path, answer: false));
                Assert.Equal((1, ErrorIds.ImageNotFound), await RestoreAsync(path, answer: true));
                var error = await Assert.ThrowsAsync<CtrArgumentException>(() =>
                    _ns.Checkpoints.RestoreAsync(new CheckpointRestoreOptions { Path = path }, null, None)
                );
                Assert.Equal(ErrorIds.ConfirmationRequired, error.ErrorId);
                Assert.Contains("Confirm the restore", error.Remedy, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_sealed_folder_that_others_can_change_requires_confirmation()
    {
        var key = await KeyAsync();
        foreach (
            var change in new Func<string, Task>[]
            {
                folder => Shell.RunAsync("chown", "12345", folder),
                folder => Shell.RunAsync("chmod", "777", folder),
                folder => Shell.RunAsync("chown", "12345", $"{folder}/criu/inventory.img"),
                folder =>
                    Shell.RunAsync(
                        "sh",
                        "-c",
                        $"mkdir {folder}-in && chmod 777 {folder}-in && mv {folder} {folder}-in/ && ln -s {folder}-in/$(basename {folder}) {folder}"
                    ),
            }
        )
        {
            var folder = await MakeAsync(PrivateDaemon.Unique("folder"), key);
            await change(folder);
            UntrustedCheckpoint? asked = null;
            Assert.Equal(
                (1, ErrorIds.CheckpointDeclined),
                await RestoreAsync(folder, answer: false, told: checkpoint => asked = checkpoint)
            );
            Assert.Contains("Other users can change", asked!.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_prompt_lists_what_the_spec_grants_without_control_characters()
    {
        var spec = CtrSpec.Parse(
            """
            {
              "process": { "args": [ "sh" ], "capabilities": { "bounding": [ "CAP_KILL", "CAP_SYS_ADMIN" ] } },
              "root": { "path": "/srv/root" },
              "hooks": { "prestart": [ { "path": "/bin/evil", "args": [ "evil", "\u001b[6n" ] } ], "poststop": [ { "path": "/bin/later" } ] },
              "mounts": [ { "destination": "/proc", "type": "proc", "source": "proc" }, { "destination": "/host", "type": "bind", "source": "/etc", "options": [ "rbind", "ro" ] } ],
              "annotations": { "org.criu.config": "/tmp/evil.conf" },
              "linux": {
                "namespaces": [ { "type": "mount" }, { "type": "pid", "path": "/proc/1/ns/pid" }, { "type": "ipc" }, { "type": "uts" } ],
                "devices": [ { "path": "/dev/sda", "type": "b", "major": 8, "minor": 0 } ],
                "resources": { "devices": [ { "allow": true, "access": "rwm" } ] },
                "sysctl": { "kernel.msgmax": "1" }
              }
            }
            """
        );
        var folder = await MakeAsync(
            "grants",
            null,
            manifest =>
                (manifest.Runtime, manifest.Labels) = ("/tmp/shim", new() { ["containerd.io/restart.loguri"] = "binary:///tmp/evil" }),
            spec.ToJson()
        );
        UntrustedCheckpoint? asked = null;
        await RestoreAsync(folder, answer: false, told: checkpoint => asked = checkpoint);
        Assert.Equal(
            [
                @"programs that run on the host as hooks: /bin/evil \u001b[6n, /bin/later",
                "files of the host: /etc on /host (read-only)",
                "a directory of the host as its root: /srv/root",
                "privileged mode, with the capabilities: CAP_SYS_ADMIN",
                "devices: all, /dev/sda",
                "the host's own namespaces: network",
                "namespaces of other processes: pid:/proc/1/ns/pid",
                "all system calls",
                "the kernel's files in /proc and /sys unmasked",
                "kernel parameters: kernel.msgmax=1",
                "annotations: org.criu.config=/tmp/evil.conf",
                "labels that other programs act on: containerd.io/restart.loguri=binary:///tmp/evil",
                "another runtime: /tmp/shim",
            ],
            asked!.Grants
        );
        Assert.DoesNotContain(asked.Question, char.IsControl);
        Assert.All(asked.Grants, grant => Assert.Contains(grant, asked.Question, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_key_is_accessible_only_to_its_owner_and_is_not_changed()
    {
        var key = await KeyAsync();
        Assert.Equal(32, key.Length);
        Assert.Equal(key, await CheckpointKey.GetAsync(fixture.Client.Connection, create: true, None));
        var folder = Path.Combine(fixture.Daemon.Daemon.Path, "root", "containerd-powershell");
        var file = Assert.Single(Directory.GetFiles(folder));
        Assert.Equal(TrustedFolder.FolderMode, File.GetUnixFileMode(folder));
        Assert.Equal(TrustedFolder.FileMode, File.GetUnixFileMode(file));
        Assert.NotEqual(key, await OtherKeyAsync());
    }

    [Fact]
    public async Task A_seal_covers_the_whole_manifest()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        foreach (
            var change in new Action<CheckpointManifest>[]
            {
                _ => { },
                m => m.Labels["a"] = "b",
                m => m.Runtime = "x",
                m => m.RuntimeOptions = [1],
                m => m.Needs = ["tcp-established"],
                m => m.Image = "x",
                m => m.Files["spec.json"] = m.Files["spec.json"] with { Digest = "sha256:0" },
                m => m.Terminal = !m.Terminal,
            }
        )
        {
            var folder = await MakeAsync(PrivateDaemon.Unique("seal"), key);
            // As it is read again.
            var manifest = CheckpointManifest.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "checkpoint.json"), None), folder);
            Assert.True(CheckpointKey.IsSealed(key, manifest));
            var before = manifest.ToJson();
            change(manifest);
            Assert.Equal(before.SequenceEqual(manifest.ToJson()), CheckpointKey.IsSealed(key, manifest));
        }
    }

    private async Task<byte[]> KeyAsync() => (await CheckpointKey.GetAsync(fixture.Client.Connection, create: true, None))!;

    private static async Task<byte[]> OtherKeyAsync()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        using var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = daemon.Address }, None);
        Assert.Null(await CheckpointKey.GetAsync(client.Connection, create: false, None));
        var key = (await CheckpointKey.GetAsync(client.Connection, create: true, None))!;
        var file = Path.Combine(daemon.Daemon.Path, "root", "containerd-powershell", "checkpoint.key");
        File.SetUnixFileMode(file, TrustedFolder.FileMode | UnixFileMode.OtherRead);
        Assert.Null(await CheckpointKey.GetAsync(client.Connection, create: true, None));
        File.SetUnixFileMode(file, TrustedFolder.FileMode);
        Assert.Equal(key, await CheckpointKey.GetAsync(client.Connection, create: false, None));
        return key;
    }

    private async Task<(int Questions, string ErrorId)> RestoreAsync(
        string path,
        bool answer = true,
        Action<UntrustedCheckpoint>? told = null
    )
    {
        var questions = 0;
        var restoration = new CheckpointRestoreOptions
        {
            Path = path,
            Confirm = (checkpoint, _) =>
            {
                questions++;
                told?.Invoke(checkpoint);
                return Task.FromResult<bool?>(answer);
            },
        };
        var error = await Assert.ThrowsAnyAsync<CtrException>(() => _ns.Checkpoints.RestoreAsync(restoration, null, None));
        return (questions, error.ErrorId);
    }

    private static async Task<string> PackAsync(string folder)
    {
        await Shell.RunAsync("tar", "-C", folder, "-cf", folder + ".tar", "checkpoint.json", "spec.json", "criu/inventory.img");
        return folder + ".tar";
    }

    private async Task<string> MakeAsync(
        string name,
        byte[]? key,
        Action<CheckpointManifest>? change = null,
        string spec = """{ "process": { "args": [ "sh" ] } }"""
    )
    {
        var folder = Path.Combine(_folder, name);
        CheckpointFolder.Make(Path.Combine(folder, "criu"));
        CheckpointFolder.Write(Path.Combine(folder, "criu", "inventory.img"), "criu"u8);
        CheckpointFolder.Write(Path.Combine(folder, "spec.json"), Encoding.UTF8.GetBytes(spec));
        var manifest = new CheckpointManifest
        {
            Format = CheckpointManifest.FormatName,
            Version = CheckpointManifest.FormatVersion,
            Id = Guid.NewGuid().ToString(),
            CreatedAt = DateTime.UtcNow,
            ContainerId = "saved",
            Namespace = "default",
            Image = "example.test/none:1",
            Runtime = "io.containerd.runc.v2",
            Snapshotter = "overlayfs",
            Labels = new() { ["one"] = "1", ["two"] = "2" },
        };
        await CheckpointFolder.SealAsync(folder, manifest, key, None);
        if (change is null)
            return folder;
        change(manifest);
        File.Delete(Path.Combine(folder, "checkpoint.json"));
        CheckpointFolder.Write(Path.Combine(folder, "checkpoint.json"), manifest.ToJson());
        return folder;
    }
}
