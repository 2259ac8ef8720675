namespace Containerd;

/// <summary>How things hang together, as a tree: a session, its namespaces, their containers, and what belongs to each.</summary>
[PipelineObject(Word = nameof(Name), Depth = 9)]
public sealed class CtrTree : CtrObject
{
    /// <summary>What this part stands for.</summary>
    public CtrTreeKind Kind { get; set; }

    /// <summary>Its name: an id, an image's or a snapshot's name, a process id.</summary>
    public string Name { get; set; } = "";

    /// <summary>What there is to say of it in a few words; empty for nothing.</summary>
    public string Detail { get; set; } = "";

    /// <summary>A task's state, and that of an exec; null for what has none.</summary>
    public CtrStatus? Status { get; set; }

    /// <summary>
    /// Whether it is named by something above and is not there: an image that was removed, a snapshot that somebody took away.
    /// </summary>
    public bool IsMissing { get; set; }

    /// <summary>What hangs below it.</summary>
    public CtrTree[] Children { get; set; } = [];

    /// <summary>One line, without what hangs below.</summary>
    /// <returns>Kind, name and detail.</returns>
    public override string ToString() => Detail.Length > 0 ? $"{Kind} {Name}  {Detail}" : $"{Kind} {Name}";
}
