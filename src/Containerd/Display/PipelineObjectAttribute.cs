namespace Containerd;

/// <summary>
/// How an object of the class is summarized and serialized. The build writes the type data of the module from it, so the model itself does
/// not depend on a shell.
/// </summary>
/// <param name="shown">The properties of a summary, in their order; none for a class that is only a part of others.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class PipelineObjectAttribute(params string[] shown) : Attribute
{
    /// <summary>The properties of a summary, in their order.</summary>
    public string[] Shown { get; } = shown;

    /// <summary>The properties that distinguish the object from others of its kind; by default the first one of the summary.</summary>
    public string[]? Key { get; set; }

    /// <summary>The property that represents the object where only one fits; by default the first one of the key.</summary>
    public string? Word { get; set; }

    /// <summary>
    /// How many levels of properties are serialized. A handle needs one; a part of a spec is useless if it is cut off, so a spec needs all.
    /// </summary>
    public int Depth { get; set; } = 3;
}
