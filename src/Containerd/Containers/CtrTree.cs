namespace Containerd;

/// <summary>
/// The relations of objects as a tree: a session, its namespaces, their containers, and the objects that belong to each container.
/// </summary>
[PipelineObject(Word = nameof(Name), Depth = 9)]
public sealed class CtrTree : CtrObject
{
    /// <summary>The kind of object that this node represents.</summary>
    public CtrTreeKind Kind { get; set; }

    /// <summary>Its name: an id, an image's or a snapshot's name, a process id.</summary>
    public string Name { get; set; } = "";

    /// <summary>A few words about the object; empty for none.</summary>
    public string Detail { get; set; } = "";

    /// <summary>The status of a task or an exec; null for other objects.</summary>
    public CtrStatus? Status { get; set; }

    /// <summary>
    /// Whether the object does not exist although an object above refers to it, such as an image or a snapshot that was removed.
    /// </summary>
    public bool IsMissing { get; set; }

    /// <summary>The child nodes.</summary>
    public CtrTree[] Children { get; set; } = [];

    /// <summary>This node on one line, without its children.</summary>
    /// <returns>Kind, name and detail.</returns>
    public override string ToString() => Detail.Length > 0 ? $"{Kind} {Name}  {Detail}" : $"{Kind} {Name}";
}
