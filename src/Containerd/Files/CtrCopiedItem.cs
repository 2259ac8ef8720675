namespace Containerd;

/// <summary>A file or tree that was copied into a container, out of one, or from one to another.</summary>
[PipelineObject(
    nameof(Source),
    nameof(Destination),
    nameof(Files),
    nameof(Size),
    Key = new[] { nameof(Source), nameof(Destination) },
    Word = nameof(Destination)
)]
public sealed class CtrCopiedItem : CtrContainerObject
{
    /// <summary>What was copied: a path of the host, or one in a container as <c>container:/path</c>.</summary>
    public string Source { get; set; } = "";

    /// <summary>Where it is now, written as <see cref="Source"/> is.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The destination's path on this machine; null where it is in a container.</summary>
    [LocalPath]
    public string? HostPath { get; set; }

    /// <summary>How many files were copied; one with several names counts once.</summary>
    public long Files { get; set; }

    /// <summary>How many directories were copied.</summary>
    public long Directories { get; set; }

    /// <summary>How many symbolic links were copied.</summary>
    public long SymbolicLinks { get; set; }

    /// <summary>How many further names of files, device nodes and named pipes were copied.</summary>
    public long Others { get; set; }

    /// <summary>How much was read of all files; holes do not count.</summary>
    public long? Size { get; set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Where it is now.</summary>
    /// <returns>The destination.</returns>
    public override string ToString() => Destination;
}
