namespace Containerd;

/// <summary>The format of an image archive.</summary>
public enum CtrImageArchiveFormat
{
    /// <summary>
    /// An OCI image layout with all content as it is stored, which keeps the digests, and also Docker's manifest.json: containerd, skopeo,
    /// podman and docker load can read it.
    /// </summary>
    Oci,

    /// <summary>
    /// Docker's own archive, for older tools: one platform, uncompressed layers. The digest of the config (Docker's image id) is kept, that
    /// of the manifest is not.
    /// </summary>
    Docker,
}
