namespace Containerd;

/// <summary>The standard streams that a process writes to.</summary>
public enum CtrOutput
{
    /// <summary>Standard output, and with a terminal everything.</summary>
    Stdout,

    /// <summary>Standard error.</summary>
    Stderr,
}
