namespace Containerd;

/// <summary>The standard streams that a process writes to.</summary>
public enum CtrOutput
{
    /// <summary>Standard output; with a terminal, all output.</summary>
    Stdout,

    /// <summary>Standard error.</summary>
    Stderr,
}
