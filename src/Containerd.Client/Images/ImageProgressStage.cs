namespace Containerd.Client;

/// <summary>What an import is doing.</summary>
public enum ImageProgressStage
{
    /// <summary>The archive is read and its blobs go to the daemon; counted in bytes of the archive.</summary>
    Reading,

    /// <summary>Layers become snapshots; counted in layers.</summary>
    Unpacking,
}
