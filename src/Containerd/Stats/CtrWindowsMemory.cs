namespace Containerd;

/// <summary>Memory of a Windows container.</summary>
public sealed class CtrWindowsMemory
{
    /// <summary>Committed, in bytes (memory_usage_commit_bytes).</summary>
    public long? Commit { get; set; }

    /// <summary>The highest committed size so far, in bytes (memory_usage_commit_peak_bytes).</summary>
    public long? CommitPeak { get; set; }

    /// <summary>Private physical memory, in bytes (memory_usage_private_working_set_bytes).</summary>
    public long? PrivateWorkingSet { get; set; }
}
