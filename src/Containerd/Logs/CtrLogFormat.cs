namespace Containerd;

/// <summary>The format of a task's stored output.</summary>
public enum CtrLogFormat
{
    /// <summary>
    /// The output of the process, byte for byte, in one file for each stream. containerd's shim writes it; lines have no timestamp.
    /// </summary>
    Plain,

    /// <summary>
    /// Each line with its time and its stream, both streams in one sequence of files whose size can be limited, in the format of
    /// Kubernetes' container runtimes. A program of this module writes it, as a logging binary of containerd.
    /// </summary>
    Timestamped,
}
