namespace Containerd;

/// <summary>
/// Something that a daemon has seen in use and that a later containerd will not have (introspection.v1 DeprecationWarning).
/// </summary>
public sealed class CtrDeprecation
{
    /// <summary>containerd's name for it.</summary>
    public string Id { get; set; } = "";

    /// <summary>What it is, and what to use instead.</summary>
    public string Message { get; set; } = "";

    /// <summary>When it was last seen in use, local time.</summary>
    public DateTime LastOccurrence { get; set; }

    /// <summary>Id and message.</summary>
    /// <returns>Both, with a colon between them.</returns>
    public override string ToString() => $"{Id}: {Message}";
}
