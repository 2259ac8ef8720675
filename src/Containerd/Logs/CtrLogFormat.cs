namespace Containerd;

/// <summary>How a task's output is kept.</summary>
public enum CtrLogFormat
{
    /// <summary>What the process wrote, byte for byte, one file per stream. containerd's shim writes it; lines have no time.</summary>
    Plain,

    /// <summary>
    /// Each line with its time and its stream, both streams in one sequence of files whose size can be limited, in the form that
    /// Kubernetes' container runtimes use.
    /// A program of the module's writes it, as a logging binary of containerd's.
    /// </summary>
    Timestamped,
}
