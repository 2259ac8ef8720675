namespace Containerd;

/// <summary>Processor time of a Windows container, since its start.</summary>
public sealed class CtrWindowsCpu
{
    /// <summary>Time on all processors (total_runtime_ns, nanoseconds there).</summary>
    public TimeSpan Total { get; set; }

    /// <summary>Time in user mode (runtime_user_ns).</summary>
    public TimeSpan User { get; set; }

    /// <summary>Time in the kernel (runtime_kernel_ns).</summary>
    public TimeSpan Kernel { get; set; }
}
