namespace Containerd;

/// <summary>Memory of a task on cgroup v2, including child cgroups (memory controller; the names are those of memory.stat).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrCgroupV2Memory
{
    /// <summary>In use, the page cache included, in bytes (usage).</summary>
    [Bytes]
    public long? Usage { get; set; }

    /// <summary>The limit, in bytes; null if there is no limit (usage_limit).</summary>
    [Bytes]
    public long? UsageLimit { get; set; }

    /// <summary>Whether memory has no limit.</summary>
    public bool IsUsageUnlimited { get; set; }

    /// <summary>The highest usage so far, in bytes; null if it is not recorded (max_usage).</summary>
    [Bytes]
    public long? MaxUsage { get; set; }

    /// <summary>Swap in use, in bytes (swap_usage).</summary>
    [Bytes]
    public long? SwapUsage { get; set; }

    /// <summary>The limit of swap, in bytes; null if there is no limit (swap_limit).</summary>
    [Bytes]
    public long? SwapLimit { get; set; }

    /// <summary>Whether swap has no limit.</summary>
    public bool IsSwapUnlimited { get; set; }

    /// <summary>The highest usage of swap so far, in bytes; null if it is not recorded (swap_max_usage).</summary>
    [Bytes]
    public long? SwapMaxUsage { get; set; }

    /// <summary>Anonymous memory, in bytes (anon).</summary>
    [Bytes]
    public long? Anon { get; set; }

    /// <summary>Page cache, in bytes (file).</summary>
    [Bytes]
    public long? File { get; set; }

    /// <summary>Stacks of the kernel, in bytes (kernel_stack).</summary>
    [Bytes]
    public long? KernelStack { get; set; }

    /// <summary>Data structures of the kernel, in bytes (slab).</summary>
    [Bytes]
    public long? Slab { get; set; }

    /// <summary>Network buffers, in bytes (sock).</summary>
    [Bytes]
    public long? Sock { get; set; }

    /// <summary>Shared memory and tmpfs, in bytes (shmem).</summary>
    [Bytes]
    public long? Shmem { get; set; }

    /// <summary>Mapped files, in bytes (file_mapped).</summary>
    [Bytes]
    public long? FileMapped { get; set; }

    /// <summary>Waiting to be written to disk, in bytes (file_dirty).</summary>
    [Bytes]
    public long? FileDirty { get; set; }

    /// <summary>Being written to disk, in bytes (file_writeback).</summary>
    [Bytes]
    public long? FileWriteback { get; set; }

    /// <summary>Anonymous huge pages, in bytes (anon_thp).</summary>
    [Bytes]
    public long? AnonThp { get; set; }

    /// <summary>Anonymous memory on the inactive list, in bytes (inactive_anon).</summary>
    [Bytes]
    public long? InactiveAnon { get; set; }

    /// <summary>Anonymous memory on the active list, in bytes (active_anon).</summary>
    [Bytes]
    public long? ActiveAnon { get; set; }

    /// <summary>File memory on the inactive list, in bytes (inactive_file).</summary>
    [Bytes]
    public long? InactiveFile { get; set; }

    /// <summary>File memory on the active list, in bytes (active_file).</summary>
    [Bytes]
    public long? ActiveFile { get; set; }

    /// <summary>Memory that cannot be reclaimed, in bytes (unevictable).</summary>
    [Bytes]
    public long? Unevictable { get; set; }

    /// <summary>Data structures of the kernel that can be reclaimed, in bytes (slab_reclaimable).</summary>
    [Bytes]
    public long? SlabReclaimable { get; set; }

    /// <summary>Data structures of the kernel that cannot be reclaimed, in bytes (slab_unreclaimable).</summary>
    [Bytes]
    public long? SlabUnreclaimable { get; set; }

    /// <summary>Page faults, a count since the start (pgfault).</summary>
    public long PgFault { get; set; }

    /// <summary>Page faults that read from disk, a count since the start (pgmajfault).</summary>
    public long PgMajFault { get; set; }

    /// <summary>Pages read again after they had been reclaimed, a count since the start (workingset_refault).</summary>
    public long WorkingSetRefault { get; set; }

    /// <summary>Pages read again that became active immediately, a count since the start (workingset_activate).</summary>
    public long WorkingSetActivate { get; set; }

    /// <summary>Shadow nodes reclaimed, a count since the start (workingset_nodereclaim).</summary>
    public long WorkingSetNodeReclaim { get; set; }

    /// <summary>Active pages scanned, a count since the start (pgrefill).</summary>
    public long PgRefill { get; set; }

    /// <summary>Inactive pages scanned, a count since the start (pgscan).</summary>
    public long PgScan { get; set; }

    /// <summary>Pages reclaimed, a count since the start (pgsteal).</summary>
    public long PgSteal { get; set; }

    /// <summary>Pages moved to the active list, a count since the start (pgactivate).</summary>
    public long PgActivate { get; set; }

    /// <summary>Pages moved to the inactive list, a count since the start (pgdeactivate).</summary>
    public long PgDeactivate { get; set; }

    /// <summary>Pages marked to be freed under pressure, a count since the start (pglazyfree).</summary>
    public long PgLazyFree { get; set; }

    /// <summary>Pages marked in that way that were freed, a count since the start (pglazyfreed).</summary>
    public long PgLazyFreed { get; set; }

    /// <summary>Huge pages allocated on a fault, a count since the start (thp_fault_alloc).</summary>
    public long ThpFaultAlloc { get; set; }

    /// <summary>Huge pages allocated by merging small pages, a count since the start (thp_collapse_alloc).</summary>
    public long ThpCollapseAlloc { get; set; }

    /// <summary>How long processes waited for memory (psi); null if it is not measured.</summary>
    public CtrPressure? Pressure { get; set; }
}
