namespace Containerd;

/// <summary>
/// Memory of a task on cgroup v1 (memory controller; the names are those of memory.stat). Properties that start with Total include the
/// child cgroups.
/// </summary>
[PipelineObject(Depth = 6)]
public sealed class CtrCgroupV1Memory
{
    /// <summary>Memory, the page cache included (usage).</summary>
    public CtrCgroupV1MemoryUse? Usage { get; set; }

    /// <summary>Memory and swap together (swap).</summary>
    public CtrCgroupV1MemoryUse? Swap { get; set; }

    /// <summary>Kernel memory (kernel).</summary>
    public CtrCgroupV1MemoryUse? Kernel { get; set; }

    /// <summary>Buffers of TCP (kernel_tcp).</summary>
    public CtrCgroupV1MemoryUse? KernelTcp { get; set; }

    /// <summary>
    /// The lowest limit of this control group and its parents, in bytes; null if there is none (hierarchical_memory_limit).
    /// </summary>
    [Heading("Limit")]
    [Bytes]
    public long? HierarchicalMemoryLimit { get; set; }

    /// <summary>Whether neither this control group nor one above limits memory.</summary>
    [Heading("IsUnlimited")]
    public bool IsHierarchicalMemoryUnlimited { get; set; }

    /// <summary>The lowest limit of memory and swap together, in bytes; null if there is none (hierarchical_swap_limit).</summary>
    [Bytes]
    public long? HierarchicalSwapLimit { get; set; }

    /// <summary>Whether neither this control group nor one above limits memory and swap together.</summary>
    public bool IsHierarchicalSwapUnlimited { get; set; }

    /// <summary>Page cache, in bytes (cache).</summary>
    [Bytes]
    public long? Cache { get; set; }

    /// <summary>Anonymous memory and swap cache, in bytes (rss).</summary>
    [Bytes]
    public long? Rss { get; set; }

    /// <summary>Anonymous huge pages, in bytes (rss_huge).</summary>
    [Bytes]
    public long? RssHuge { get; set; }

    /// <summary>Mapped files, in bytes (mapped_file).</summary>
    [Bytes]
    public long? MappedFile { get; set; }

    /// <summary>Waiting to be written to disk, in bytes (dirty).</summary>
    [Bytes]
    public long? Dirty { get; set; }

    /// <summary>Being written to disk, in bytes (writeback).</summary>
    [Bytes]
    public long? Writeback { get; set; }

    /// <summary>Pages charged, a count since the start (pg_pg_in).</summary>
    public long PgPgIn { get; set; }

    /// <summary>Pages uncharged, a count since the start (pg_pg_out).</summary>
    public long PgPgOut { get; set; }

    /// <summary>Page faults, a count since the start (pg_fault).</summary>
    public long PgFault { get; set; }

    /// <summary>Page faults that read from disk, a count since the start (pg_maj_fault).</summary>
    public long PgMajFault { get; set; }

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

    /// <summary>Page cache, in bytes (total_cache).</summary>
    [Bytes]
    public long? TotalCache { get; set; }

    /// <summary>Anonymous memory and swap cache, in bytes (total_rss).</summary>
    [Bytes]
    public long? TotalRss { get; set; }

    /// <summary>Anonymous huge pages, in bytes (total_rss_huge).</summary>
    [Bytes]
    public long? TotalRssHuge { get; set; }

    /// <summary>Mapped files, in bytes (total_mapped_file).</summary>
    [Bytes]
    public long? TotalMappedFile { get; set; }

    /// <summary>Waiting to be written to disk, in bytes (total_dirty).</summary>
    [Bytes]
    public long? TotalDirty { get; set; }

    /// <summary>Being written to disk, in bytes (total_writeback).</summary>
    [Bytes]
    public long? TotalWriteback { get; set; }

    /// <summary>Pages charged, a count since the start (total_pg_pg_in).</summary>
    public long TotalPgPgIn { get; set; }

    /// <summary>Pages uncharged, a count since the start (total_pg_pg_out).</summary>
    public long TotalPgPgOut { get; set; }

    /// <summary>Page faults, a count since the start (total_pg_fault).</summary>
    public long TotalPgFault { get; set; }

    /// <summary>Page faults that read from disk, a count since the start (total_pg_maj_fault).</summary>
    public long TotalPgMajFault { get; set; }

    /// <summary>Anonymous memory on the inactive list, in bytes (total_inactive_anon).</summary>
    [Bytes]
    public long? TotalInactiveAnon { get; set; }

    /// <summary>Anonymous memory on the active list, in bytes (total_active_anon).</summary>
    [Bytes]
    public long? TotalActiveAnon { get; set; }

    /// <summary>File memory on the inactive list, in bytes (total_inactive_file).</summary>
    [Bytes]
    public long? TotalInactiveFile { get; set; }

    /// <summary>File memory on the active list, in bytes (total_active_file).</summary>
    [Bytes]
    public long? TotalActiveFile { get; set; }

    /// <summary>Memory that cannot be reclaimed, in bytes (total_unevictable).</summary>
    [Bytes]
    public long? TotalUnevictable { get; set; }
}
