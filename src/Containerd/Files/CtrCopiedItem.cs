namespace Containerd;

/// <summary>A file or tree that was copied into a container, out of a container, or between containers.</summary>
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
    /// <summary>The copied item: a path of the host, or <c>container:/path</c> for a path in a container.</summary>
    public string Source { get; set; } = "";

    /// <summary>The path of the copy, in the same form as <see cref="Source"/>.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The path of the copy on this machine; null if it is in a container.</summary>
    [LocalPath]
    public string? HostPath { get; set; }

    /// <summary>The number of copied files; a file with several hard links counts once.</summary>
    public long Files { get; set; }

    /// <summary>How many directories were copied.</summary>
    public long Directories { get; set; }

    /// <summary>How many symbolic links were copied.</summary>
    public long SymbolicLinks { get; set; }

    /// <summary>The number of copied hard links to files, device nodes and named pipes.</summary>
    public long Others { get; set; }

    /// <summary>The number of bytes read from all files; holes are not counted.</summary>
    public long? Size { get; set; }

    /// <summary>The duration of the copy.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>The path of the copy.</summary>
    /// <returns>The destination.</returns>
    public override string ToString() => Destination;
}
