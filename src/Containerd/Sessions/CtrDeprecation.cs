namespace Containerd;

/// <summary>
/// A feature that the daemon has seen in use and that a later version of containerd removes (introspection.v1 DeprecationWarning).
/// </summary>
public sealed class CtrDeprecation
{
    /// <summary>containerd's name for it.</summary>
    public string Id { get; set; } = "";

    /// <summary>A description, and the replacement.</summary>
    public string Message { get; set; } = "";

    /// <summary>The time of its last use, in local time.</summary>
    public DateTime LastOccurrence { get; set; }

    /// <summary>Id and message.</summary>
    /// <returns>Both, with a colon between them.</returns>
    public override string ToString() => $"{Id}: {Message}";
}
