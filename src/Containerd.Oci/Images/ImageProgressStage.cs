namespace Containerd.Oci;

/// <summary>The stages of an import, an export, a pull, a push or a clean-up.</summary>
public enum ImageProgressStage
{
    /// <summary>The archive is read and its blobs go to the daemon; counted in bytes of the archive.</summary>
    Reading,

    /// <summary>An archive is written; counted in bytes of the images' blobs.</summary>
    Writing,

    /// <summary>Content is read and compared with its digests; counted in bytes.</summary>
    Comparing,

    /// <summary>A blob comes from a registry; counted in its bytes.</summary>
    Downloading,

    /// <summary>A blob goes to a registry; counted in its bytes.</summary>
    Uploading,

    /// <summary>Nothing more comes.</summary>
    Ended,

    /// <summary>Layers become snapshots; counted in layers.</summary>
    Unpacking,

    /// <summary>The sizes of snapshots are queried from the daemon; counted in snapshots.</summary>
    Measuring,

    /// <summary>Images, or the layers of manifests, are released; counted in these.</summary>
    Removing,
}
