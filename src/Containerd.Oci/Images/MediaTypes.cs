namespace Containerd.Oci.Images;

/// <summary>The media types of images, for Docker and OCI, and their meaning for containerd's garbage collector.</summary>
internal static class MediaTypes
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string OciLayerGzip = OciLayer + "+gzip";
    public const string OciLayerZstd = OciLayer + "+zstd";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    private const string CheckpointConfig = "application/vnd.containerd.container.checkpoint.config.v1+proto";
    private const string Checkpoint = "application/vnd.containerd.container.criu.checkpoint.criu.tar";

    public static bool IsIndex(string type) => type is OciIndex or DockerList;

    public static bool IsManifest(string type) => type is OciManifest or DockerManifest;

    public static bool IsSchema1(string type) =>
        type.StartsWith("application/vnd.docker.distribution.manifest.v1+", StringComparison.Ordinal);

    public static bool IsLayer(string type) =>
        type.StartsWith("application/vnd.oci.image.layer.", StringComparison.Ordinal)
        || type.Split('+')[0]
            is DockerLayer
                or DockerLayerGzip
                or "application/vnd.docker.image.rootfs.diff.tar.zstd"
                or "application/vnd.erofs.layer.v1"
                or "application/vnd.docker.image.rootfs.foreign.diff.tar"
                or "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// <summary>Whether a layer may not be distributed, such as a base layer of Windows.</summary>
    public static bool IsForeign(string type) =>
        type.StartsWith("application/vnd.oci.image.layer.nondistributable.", StringComparison.Ordinal)
        || type.StartsWith("application/vnd.docker.image.rootfs.foreign.", StringComparison.Ordinal);

    /// <summary>The compression in the type of a layer, by its name in HTTP; null for none.</summary>
    public static string? CompressionOf(string type) =>
        type switch
        {
            _ when type.EndsWith("+gzip", StringComparison.Ordinal)
                    || type.EndsWith(".gzip", StringComparison.Ordinal)
                    || type.EndsWith(".tar.gz", StringComparison.Ordinal) => "gzip",
            _ when type.EndsWith("+zstd", StringComparison.Ordinal) || type.EndsWith(".zstd", StringComparison.Ordinal) => "zstd",
            _ => null,
        };

    /// <summary>
    /// The reference with which containerd's own clients write content of a type, so that two clients do not fetch the same content twice.
    /// </summary>
    public static string WriteReference(OciDescriptor content) =>
        content.MediaType switch
        {
            var type when IsManifest(type) => "manifest-",
            var type when IsIndex(type) => "index-",
            var type when IsLayer(type) => "layer-",
            OciConfig or DockerConfig => "config-",
            _ => "unknown-",
        } + content.Digest;

    /// <summary>
    /// The label with which a parent refers to a child of this type; if it ends with a dot, the number of the child is appended.
    /// </summary>
    public static string GcLabel(string type) =>
        type switch
        {
            OciConfig or DockerConfig or Checkpoint or CheckpointConfig => "containerd.io/gc.ref.content.config",
            OciManifest or DockerManifest => "containerd.io/gc.ref.content.m.",
            _ when IsLayer(type) => "containerd.io/gc.ref.content.l.",
            _ => "containerd.io/gc.ref.content.",
        };
}
