using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerd.Host.Files;
using Containerd.Oci.Images;

namespace Containerd.Oci.Layouts;

/// <summary>A folder that is an OCI image layout: <c>oci-layout</c>, <c>index.json</c> and <c>blobs/</c> (OCI image spec).</summary>
internal sealed class LayoutFolder
{
    private const string NameAnnotation = "io.containerd.image.name";
    private const string TagAnnotation = "org.opencontainers.image.ref.name";
    private const string Version = """{"imageLayoutVersion":"1.0.0"}""";

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);

    private readonly string _path;

    private LayoutFolder(string path) => _path = path;

    private string IndexPath => Path.Combine(_path, "index.json");

    private string VersionPath => Path.Combine(_path, "oci-layout");

    /// <summary>Opens a layout; makes one of a folder that is empty or does not exist.</summary>
    /// <exception cref="CtrConflictException">The folder has files and is not a layout (LayoutInvalid).</exception>
    internal static async Task<LayoutFolder> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var folder = new LayoutFolder(Path.GetFullPath(path));
        try
        {
            Directory.CreateDirectory(folder._path);
            if (!File.Exists(folder.VersionPath))
                await folder.CreateAsync(path, cancellationToken).ConfigureAwait(false);
            Directory.CreateDirectory(Path.Combine(folder._path, "blobs", "sha256"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, e);
        }

        return folder;
    }

    /// <summary>Writes <c>oci-layout</c>, the first file of a layout. Another process may do the same at this time.</summary>
    private async Task CreateAsync(string path, CancellationToken cancellationToken)
    {
        var hasFiles = Directory.EnumerateFileSystemEntries(_path).Any(entry => !OutputFile.IsTemporaryName(Path.GetFileName(entry)));
        // A process that created the layout after the first look wrote this file before all others.
        if (File.Exists(VersionPath))
            return;
        if (hasFiles)
            throw new CtrConflictException($"The folder '{path}' is not empty, and is not an OCI image layout.")
            {
                ErrorId = ErrorIds.LayoutInvalid,
                Subject = path,
                Remedy = "Use an empty folder, a new one, or one with an OCI image layout.",
            };
        try
        {
            // It is never replaced: the file is also the lock of the list.
            await OutputFile
                .WriteAsync(
                    VersionPath,
                    noClobber: true,
                    async stream => await stream.WriteAsync(Encoding.UTF8.GetBytes(Version), cancellationToken).ConfigureAwait(false),
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (CtrConflictException e) when (e.ErrorId == ErrorIds.FileExists)
        {
            // The other process was faster.
        }
    }

    /// <summary>Whether the layout has a blob, whole and with the right content.</summary>
    internal async Task<bool> HasAsync(OciDescriptor blob, CancellationToken cancellationToken)
    {
        var path = PathOf(blob.Digest);
        try
        {
            if (new FileInfo(path) is not { Exists: true } file || file.Length != blob.Size)
                return false;
            var stream = file.OpenRead();
            await using var streamDisposal = stream.ConfigureAwait(false);
            var hash = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
            return "sha256:" + Convert.ToHexString(hash).ToLowerInvariant() == blob.Digest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes a blob, which appears whole or not at all.</summary>
    internal async Task WriteAsync(string digest, Func<Stream, Task> write, CancellationToken cancellationToken) =>
        await OutputFile.WriteAsync(PathOf(digest), false, write, cancellationToken).ConfigureAwait(false);

    /// <summary>Lists documents under an image's name, in place of what is listed under it.</summary>
    /// <param name="name">The full name.</param>
    /// <param name="reference">The same name, whose tag other tools look for.</param>
    /// <param name="documents">The documents.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task ListAsync(
        string name,
        RegistryReference reference,
        IReadOnlyList<OciDescriptor> documents,
        CancellationToken cancellationToken
    )
    {
        // Two pulls into one layout change its list one after the other.
        using var turn = await LockAsync(cancellationToken).ConfigureAwait(false);
        var index = await ReadIndexAsync(cancellationToken).ConfigureAwait(false);
        var listed = OciJson.Property(index, "manifests") as JsonArray ?? [];
        var kept = listed.Where(entry => (entry?["annotations"] as JsonObject)?[NameAnnotation]?.ToString() != name).ToList();
        listed.Clear();
        index["manifests"] = new JsonArray([.. kept, .. documents.Select(d => Entry(d, name, reference))]);
        await OutputFile
            .WriteAsync(
                IndexPath,
                false,
                async stream => await stream.WriteAsync(OciJson.Write(index), cancellationToken).ConfigureAwait(false),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private static JsonObject Entry(OciDescriptor document, string name, RegistryReference reference)
    {
        var annotations = new JsonObject { [NameAnnotation] = name };
        if (!reference.IsDigest)
            annotations[TagAnnotation] = reference.Object;
        var entry = new JsonObject
        {
            ["mediaType"] = document.MediaType,
            ["digest"] = document.Digest,
            ["size"] = document.Size,
            ["annotations"] = annotations,
        };
        if (document.Platform is { } platform)
        {
            var words = new JsonObject { ["architecture"] = platform.Architecture, ["os"] = platform.OperatingSystem };
            if (platform.Variant is { Length: > 0 } variant)
                words["variant"] = variant;
            if (platform.OsVersion is { Length: > 0 } version)
                words["os.version"] = version;
            entry["platform"] = words;
        }

        return entry;
    }

    private async Task<JsonObject> ReadIndexAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!File.Exists(IndexPath))
                return new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex };
            var json = await File.ReadAllBytesAsync(IndexPath, cancellationToken).ConfigureAwait(false);
            return OciJson.ParseNode(json) as JsonObject ?? throw new JsonException("It is not an object.");
        }
        catch (JsonException e)
        {
            throw new CtrDataException($"The index of the OCI image layout '{_path}' is not valid JSON.", e)
            {
                ErrorId = ErrorIds.LayoutInvalid,
                Subject = _path,
                Remedy = "Use an empty folder, a new one, or one with an OCI image layout.",
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(_path, e);
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(VersionPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                await Task.Delay(LockPoll, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw NotWritable(_path, e);
            }
        }
    }

    // A digest was checked when its descriptor was read: it holds no path.
    private string PathOf(string digest) => Path.Combine(_path, "blobs", "sha256", digest["sha256:".Length..]);

    private static CtrException NotWritable(string path, Exception cause) =>
        cause is UnauthorizedAccessException
            ? new CtrPermissionException($"The folder '{path}' cannot be written: permission denied.", cause)
            {
                ErrorId = ErrorIds.FileNotWritable,
                Subject = path,
            }
            : new CtrFileException($"The folder '{path}' cannot be written: {cause.Message.TrimEnd('.')}.", cause)
            {
                ErrorId = ErrorIds.FileNotWritable,
                Subject = path,
            };
}
