namespace Containerd;

/// <summary>A volume: a folder of the daemon's host that containers mount, and that is kept when they are removed.</summary>
[PipelineObject(nameof(Name), nameof(Anonymous), nameof(Labels), nameof(Path), Depth = 2)]
public sealed class CtrVolume : CtrObject
{
    /// <summary>Its name; that of an anonymous volume has 64 hexadecimal digits.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether it was created without a name, for one container.</summary>
    public bool Anonymous { get; set; }

    /// <summary>The labels.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The time at which it was created, in local time; null if it is not known.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>The image whose content it received when it was first used; empty if it received none.</summary>
    public string CopiedFrom { get; set; } = "";

    /// <summary>
    /// The containers that mount it, running or not, whichever program created them; those of other namespaces with their namespace.
    /// </summary>
    public string[] Containers { get; set; } = [];

    /// <summary>
    /// The identity that the daemon had when the volume was created, if it has another one now: its data folder was created again. Empty
    /// for a volume that containers can mount.
    /// </summary>
    public string FormerDaemon { get; set; } = "";

    /// <summary>The total size of its files, in bytes; null unless requested.</summary>
    [Bytes]
    public long? Size { get; set; }

    /// <summary>The folder of its files on the daemon's host.</summary>
    [LocalPath]
    public string Path { get; set; } = "";

    /// <summary>The volume's name.</summary>
    /// <returns>The name, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Name;
}
