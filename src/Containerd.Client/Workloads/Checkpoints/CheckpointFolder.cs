using System.Security.Cryptography;
using System.Text.Json;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// A checkpoint's directory: <c>checkpoint.json</c> describes it, <c>spec.json</c> is the spec of the container, <c>rootfs-diff.tar</c>
/// contains its changes to the root file system, and <c>criu</c> contains the processes as CRIU wrote them.
/// </summary>
internal sealed class CheckpointFolder
{
    internal const string ManifestName = "checkpoint.json";
    internal const string SpecName = "spec.json";
    internal const string LayerName = "rootfs-diff.tar";
    internal const string ImagesName = "criu";

    internal const int MaxManifest = 4 << 20;
    private const int MaxSpec = 4 << 20;

    private CheckpointFolder(string path, string name, CheckpointManifest manifest, string spec) =>
        (Path, Name, Manifest, Spec) = (path, name, manifest, spec);

    /// <summary>The directory.</summary>
    internal string Path { get; }

    /// <summary>Its name for users: the directory, or the archive that it came from.</summary>
    internal string Name { get; }

    internal CheckpointManifest Manifest { get; }

    /// <summary>The container's spec, as it was stored.</summary>
    internal string Spec { get; }

    internal string ImagesPath => System.IO.Path.Combine(Path, ImagesName);

    internal string LayerPath => System.IO.Path.Combine(Path, LayerName);

    /// <summary>Opens a directory that must contain a complete checkpoint.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="name">The name of it in errors.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal static async Task<CheckpointFolder> OpenAsync(string path, string name, CancellationToken cancellationToken)
    {
        try
        {
            var file = System.IO.Path.Combine(path, ManifestName);
            if (!File.Exists(file))
            {
                throw Directory.EnumerateFileSystemEntries(path).Any()
                    ? CheckpointErrors.Invalid(name, $"it has no {ManifestName}, so it is not one of ours, or was not finished")
                    : CheckpointErrors.Empty(name);
            }

            if (new FileInfo(file).Length > MaxManifest)
                throw CheckpointErrors.Invalid(name, $"its {ManifestName} is too large");
            var manifest = CheckpointManifest.Parse(await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false), name);
            RequireFiles(manifest, name);
            foreach (var (item, expected) in manifest.Files)
            {
                var info = new FileInfo(System.IO.Path.Combine(path, item));
                if (!info.Exists)
                    throw CheckpointErrors.Invalid(name, $"its file '{item}' is missing");
                if (info.Length != expected.Size)
                    throw CheckpointErrors.Invalid(name, $"its file '{item}' has {info.Length} bytes instead of {expected.Size}");
            }

            // Modified memory would be restored silently.
            foreach (var (item, expected) in manifest.Files)
            {
                if (await DigestAsync(System.IO.Path.Combine(path, item), cancellationToken).ConfigureAwait(false) != expected.Digest)
                    throw CheckpointErrors.Invalid(name, $"its file '{item}' was changed");
            }

            return new CheckpointFolder(
                path,
                name,
                manifest,
                await File.ReadAllTextAsync(System.IO.Path.Combine(path, SpecName), cancellationToken).ConfigureAwait(false)
            );
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CtrPermissionException($"The checkpoint '{name}' cannot be read: permission denied.", e) { Subject = name };
        }
        catch (IOException e)
        {
            throw CheckpointErrors.Invalid(name, $"it cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Rejects a manifest whose files cannot belong to a checkpoint.</summary>
    internal static void RequireFiles(CheckpointManifest manifest, string name)
    {
        if (
            !manifest.Files.TryGetValue(SpecName, out var spec)
            || !manifest.Files.Keys.Any(f => f.StartsWith(ImagesName + "/", StringComparison.Ordinal))
        )
            throw CheckpointErrors.Invalid(name, "it holds no process");
        if (manifest.Files.Keys.FirstOrDefault(f => !IsOurs(f)) is { } other)
            throw CheckpointErrors.Invalid(name, $"its {ManifestName} names a file '{other}'");
        // It is read completely, and containerd itself does not accept messages of more than 16 MiB.
        if (spec.Size > MaxSpec)
            throw CheckpointErrors.Invalid(name, $"its {SpecName} has {spec.Size} bytes; at most {MaxSpec >> 20} MiB are read");
    }

    /// <summary>
    /// Completes a directory: lists its files in the manifest, seals it with the daemon's key if there is one, and writes it.
    /// </summary>
    internal static async Task SealAsync(string path, CheckpointManifest manifest, byte[]? key, CancellationToken cancellationToken)
    {
        manifest.Files = new(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            manifest.Files[System.IO.Path.GetRelativePath(path, file)] = new CheckpointFile(
                new FileInfo(file).Length,
                await DigestAsync(file, cancellationToken).ConfigureAwait(false)
            );
        manifest.Seal = key is null ? null : CheckpointKey.Seal(key, manifest);
        Write(System.IO.Path.Combine(path, ManifestName), manifest.ToJson());
    }

    /// <summary>Creates a directory that only its owner can access, because it contains the memory of processes.</summary>
    internal static void Make(string path)
    {
        if (OperatingSystem.IsLinux())
            TrustedFolder.MakeMissing(path);
        else
            Directory.CreateDirectory(path);
    }

    internal static void Write(string path, ReadOnlySpan<byte> data)
    {
        using var file = Create(path);
        file.Write(data);
    }

    /// <summary>Creates a file that only its owner can read.</summary>
    internal static FileStream Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        await using (file.ConfigureAwait(false))
            return "sha256:"
                + Convert.ToHexString(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false)).ToLowerInvariant();
    }

    /// <summary>Whether a file name is valid in a checkpoint: it must stay inside.</summary>
    internal static bool IsOurs(string name) =>
        name is ManifestName or SpecName or LayerName
        || (
            name.StartsWith(ImagesName + "/", StringComparison.Ordinal)
            && name.Split('/').All(p => p is not ("" or "." or ".."))
            && !name.Contains('\0', StringComparison.Ordinal)
        );

    /// <summary>
    /// Rejects a checkpoint that does not belong to this container: its id, image or spec differs, and the container was not restored from
    /// it.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="spec">Its stored spec.</param>
    /// <param name="parent">The parent of its own snapshot; null for none.</param>
    internal void RequireMadeOf(CtrContainer container, string? spec, string? parent)
    {
        var from =
            $"it was created from the container '{Manifest.ContainerId}' in the namespace '{Manifest.Namespace}', not of "
            + $"'{container.ContainerId}' in '{container.Namespace}'";
        var restored = container.Labels.TryGetValue(ContainerLabels.RestoredFrom, out var origin) && origin == Manifest.Id;
        if (!restored && (Manifest.ContainerId != container.ContainerId || Manifest.Namespace != container.Namespace))
            throw CheckpointErrors.Mismatch(Name, from);
        if (Manifest.Image != container.Image)
            throw CheckpointErrors.Mismatch(
                Name,
                $"it was created from a container of the image '{Manifest.Image}', and '{container.ContainerId}' has the image "
                    + $"'{container.Image}'"
            );
        if (Manifest.Parent != (parent ?? ""))
            throw CheckpointErrors.Mismatch(
                Name,
                $"its container was created from another image '{Manifest.Image}' than '{container.ContainerId}'"
            );
        if (Comparable(Spec, Manifest.Labels) != Comparable(spec ?? "", container.Labels))
            throw CheckpointErrors.Mismatch(
                Name,
                $"the spec of the container '{container.ContainerId}' has changed since the checkpoint was created"
            );
    }

    /// <summary>
    /// The parts of a spec that the saved processes depend on: without limits and the path of the control group. If the files of an image
    /// are bound, the folder is one of this container, and what counts is the image. Of an overlay CRIU requires the folders.
    /// </summary>
    /// <param name="text">The spec.</param>
    /// <param name="labels">The labels of its container.</param>
    internal static string Comparable(string text, IDictionary<string, string> labels)
    {
        try
        {
            var spec = CtrSpec.Parse(text);
            var images = ImageMountLabels
                .Read(labels)
                .Select(image => (Image: image, Target: SpecMounts.PartsOf(image.Target)))
                .Where(image => spec.Mounts?.Any(mount => IsBoundAt(mount, image.Target)) == true)
                .ToList();
            spec.Mounts = spec.Mounts?.Where(mount => !images.Exists(image => IsBoundAt(mount, image.Target))).ToArray();
            spec.Annotations = null;
            spec.Hooks = null;
            if (spec.Linux is not null)
            {
                spec.Linux.Resources = null;
                spec.Linux.CgroupsPath = null;
            }

            var bound = images
                .Select(image => JsonSerializer.Serialize(image.Image with { Image = "", Snapshotter = "", View = "" }))
                .Order(StringComparer.Ordinal);
            return string.Join('\n', bound.Prepend(spec.ToJson(indented: false)));
        }
        catch (CtrArgumentException)
        {
            return text;
        }

        static bool IsBoundAt(CtrSpecMount mount, string[] target) =>
            mount.Type == "bind" && SpecMounts.PartsOf(mount.Destination).SequenceEqual(target);
    }
}
