namespace Containerd;

/// <summary>The form of an image archive.</summary>
public enum CtrImageArchiveFormat
{
    /// <summary>
    /// An OCI image layout with everything as it is stored, so that digests stay, and beside it Docker's manifest.json: containerd, skopeo,
    /// podman and docker load
    /// read it.
    /// </summary>
    Oci,

    /// <summary>
    /// Docker's own archive, for older tools: one platform, layers not compressed. The config's digest (Docker's image id) stays, the
    /// manifest's does not.
    /// </summary>
    Docker,
}
